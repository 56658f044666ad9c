/** Known vulnerabilities in locked packages, and the accepted ones among them. An acceptance has a last day. */
import { parseDocument } from "yaml";
import { z } from "zod";
import { mistake } from "../../common/mistake";

/** A known vulnerability in a package that a lock file names. */
export interface Finding {
    /** The lock file, or the Go module. */
    readonly where: string;
    readonly package: string;
    /** The locked version, or the affected versions. */
    readonly version: string;
    readonly id: string;
    /** Other ids of the same vulnerability. */
    readonly aliases: readonly string[];
    /** The remedy, "fixed in 1.2.3". */
    readonly remedy: string;
}

const acceptance = z.strictObject({
    id: z.string().min(1),
    package: z.string().min(1),
    reason: z.string().regex(/\S/, "say why the finding is accepted"),
    until: z.iso.date("write a day: 2026-12-31"),
});

/** A finding that is known and harmless here, until a day. */
export type Acceptance = z.infer<typeof acceptance>;

/** A finding with its acceptance. */
export interface Judged extends Finding {
    readonly state: "open" | "accepted" | "lapsed";
    readonly acceptance?: Acceptance;
}

/**
 * The accepted findings of a file.
 *
 * @throws Mistake with all that is wrong in it
 */
export function parseAcceptances(file: string, text: string): Acceptance[] {
    const document = parseDocument(text);
    const parsed = z.array(acceptance).safeParse(document.toJS() ?? []);
    const problems = [
        ...document.errors.map(({ message }) => message),
        ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`),
    ];
    if (!parsed.success || problems.length > 0) {
        throw mistake(problems.map((it) => `${file}: ${it}`).join("\n"));
    }
    return parsed.data;
}

/**
 * Compares findings with the acceptances.
 *
 * @param today "2026-01-31". The last day of an acceptance still counts
 */
export function judged(
    findings: readonly Finding[],
    acceptances: readonly Acceptance[],
    today: string,
): Judged[] {
    return findings.map((finding) => {
        const own = acceptances
            .filter((it) => covers(it, finding))
            .sort((a, b) => b.until.localeCompare(a.until))[0];
        if (own === undefined) {
            return { ...finding, state: "open" };
        }
        return { ...finding, state: own.until < today ? "lapsed" : "accepted", acceptance: own };
    });
}

/** Acceptances without a finding. They can be removed from the file. */
export function unused(acceptances: readonly Acceptance[], findings: readonly Finding[]): Acceptance[] {
    return acceptances.filter((it) => !findings.some((finding) => covers(it, finding)));
}

/** One line of the report. */
export function lineOf({ where, package: name, version, id, aliases, remedy, ...judgement }: Judged): string {
    const ids = [id, ...aliases].join(", ");
    const { state, acceptance: accepted } = judgement;
    const said = {
        open: () => "FAILED:",
        accepted: () => `accepted until ${accepted!.until} (${accepted!.reason}):`,
        lapsed: () => `FAILED: accepted until ${accepted!.until} only (${accepted!.reason}):`,
    };
    return `  ${said[state]()} ${where}: ${name} ${version}: ${ids}; ${remedy}`;
}

function covers({ id, package: name }: Acceptance, finding: Finding): boolean {
    return name === finding.package && [finding.id, ...finding.aliases].includes(id);
}
