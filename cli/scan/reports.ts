/** Reads the output of pip-audit, npm audit and govulncheck as findings. An incomplete report counts as no report. */
import { z } from "zod";
import { mistake } from "../../common/mistake";
import { parseJson } from "../../common/json";
import type { Finding } from "./findings";

const GHSA = /GHSA(-[0-9a-z]{4}){3}/;
const NO_FIX = "no version mends it yet";
const SHOWN = 3;

const pipReport = z.object({
    dependencies: z.array(
        z.union([
            z.object({ name: z.string(), skip_reason: z.string() }),
            z.object({
                name: z.string(),
                version: z.string(),
                vulns: z.array(
                    z.object({
                        id: z.string(),
                        fix_versions: z.array(z.string()),
                        aliases: z.array(z.string()).default([]),
                    }),
                ),
            }),
        ]),
    ),
});

const npmReport = z.object({
    auditReportVersion: z.literal(2),
    vulnerabilities: z.record(
        z.string(),
        z.object({
            via: z.array(
                z.union([
                    // The name of the package that brings the vulnerability. That package has its own entry.
                    z.string(),
                    z.object({ source: z.number(), name: z.string(), url: z.string(), range: z.string() }),
                ]),
            ),
            fixAvailable: z.unknown().optional(),
        }),
    ),
});

const goMessage = z.object({
    osv: z.object({ id: z.string(), aliases: z.array(z.string()).default([]) }).optional(),
    finding: z
        .object({
            osv: z.string(),
            fixed_version: z.string().default(""),
            trace: z
                .array(
                    z.object({
                        module: z.string(),
                        version: z.string().default(""),
                        function: z.string().optional(),
                    }),
                )
                .min(1),
        })
        .optional(),
    progress: z.object({ message: z.string().default("") }).optional(),
});

/**
 * Reads pip-audit's report of one file.
 *
 * @throws Mistake when it is none, or when the database did not know a package: that says nothing of the package
 */
export function pipFindings(where: string, output: string): Finding[] {
    const { dependencies } = read(pipReport, parseJson(output), `${where}: pip-audit`);
    const skipped = dependencies.flatMap((it) => ("skip_reason" in it ? [it.skip_reason] : []));
    if (skipped.length > 0 || dependencies.length === 0) {
        throw mistake(
            [
                `${where}: ${skipped.length} of ${dependencies.length} packages were not looked up; ` +
                    "is the JSON API of PyPI reached, which pip-audit asks?",
                ...skipped.slice(0, SHOWN).map((it) => `  ${it}`),
            ].join("\n"),
        );
    }
    return dependencies.flatMap((it) =>
        "vulns" in it
            ? it.vulns.map(({ id, aliases, fix_versions }) => ({
                  ...{ where, package: it.name, version: it.version, id, aliases },
                  remedy: fix_versions.length > 0 ? `fixed in ${fix_versions.join(", ")}` : NO_FIX,
              }))
            : [],
    );
}

/**
 * Reads npm audit's report.
 *
 * @throws Mistake when it is none: npm prints the registry's refusal in its place
 */
export function npmFindings(where: string, output: string): Finding[] {
    const { vulnerabilities } = read(npmReport, parseJson(output), `${where}: npm audit`);
    return Object.values(vulnerabilities).flatMap(({ via, fixAvailable }) =>
        via.flatMap((it) =>
            typeof it === "string"
                ? []
                : [
                      {
                          ...{ where, package: it.name, version: it.range, aliases: [] },
                          id: GHSA.exec(it.url)?.[0] ?? `npm ${it.source}`,
                          remedy:
                              fixAvailable === false ? NO_FIX : "npm audit fix, or a newer direct dependency",
                      },
                  ],
        ),
    );
}

/**
 * Reads govulncheck's messages: what the code calls. What it only has among its modules is counted.
 *
 * @throws Mistake when there is none: govulncheck ends so when its database is not reached
 */
export function goFindings(where: string, output: string): { findings: Finding[]; uncalled: number } {
    const what = `${where}: govulncheck`;
    const messages = concatenated(output).map((it) => read(goMessage, it, what));
    if (messages.length === 0) {
        throw mistake(`${what}: it printed no report`);
    }
    const aliases = new Map(
        messages.flatMap(({ osv }) => (osv === undefined ? [] : [[osv.id, osv.aliases]])),
    );
    const found = messages.flatMap(({ finding }) => finding ?? []);
    const called = new Map(
        found
            .filter(({ trace }) => trace[0]!.function !== undefined)
            .map(({ osv, fixed_version, trace: [hit] }) => [
                `${osv} ${hit!.module}`,
                {
                    ...{ where, package: hit!.module, version: hit!.version, id: osv },
                    aliases: aliases.get(osv) ?? [],
                    remedy: fixed_version === "" ? NO_FIX : `fixed in ${fixed_version}`,
                },
            ]),
    );
    const all = new Set(found.map(({ osv, trace: [hit] }) => `${osv} ${hit!.module}`));
    return { findings: [...called.values()], uncalled: all.size - called.size };
}

/** Separates JSON values that follow each other. govulncheck ends each value with a line that has only a brace. */
function concatenated(output: string): unknown[] {
    return output
        .split(/^\}\r?$/m)
        .slice(0, -1)
        .map((text) => parseJson(`${text}}`));
}

function read<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
        throw mistake(
            `${what}: what it printed is no report (${JSON.stringify(value)?.slice(0, 200) ?? "no JSON"}); is its database reached?`,
        );
    }
    return parsed.data;
}
