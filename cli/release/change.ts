/**
 * The change of a stack's release by a promotion or a rollback. It is shown, then written for review, and then run if
 * asked for.
 */
import { relative } from "node:path";
import { short } from "../../common/hashes";
import type { ReleaseRecord } from "../../releases/records";
import { CHECKOUT } from "../local/paths";
import { run as command } from "../local/processes";
import { figures, named } from "../terminal/report";
import { run } from "../stack/run";
import type { OpenStack } from "../stack/stack";
import { changeStackFile, stackFileChanges, type Change } from "../stack/stackFile";

const COMMITS_SHOWN = 20;

export interface ReleaseChange {
    readonly to: OpenStack;
    readonly record: ReleaseRecord;
    readonly reason: string;
    /** Further changes of the configuration. */
    readonly more?: readonly Change[];
    /** Whether to bring the stack up now. */
    readonly yes: boolean;
    /** Whether even the stack's file stays unchanged. */
    readonly dryRun: boolean;
}

/** Shows the present release, the next release, and the commits between them. */
export async function showChange(to: OpenStack, record: ReleaseRecord): Promise<void> {
    const [now] = to.releases;
    console.log(`\n  now    ${now === undefined ? "nothing" : summary(now)}`);
    console.log(`  then   ${summary(record)}`);
    if (now === undefined || now.commit === record.commit) {
        return;
    }
    const [added, removed] = await commitsBetween(now.commit, record.commit);
    show("Commits that come in:", added);
    show("Commits that go out:", removed);
}

/** @returns the exit code */
export async function changeRelease(change: ReleaseChange): Promise<number> {
    const { to, record, reason, more = [], yes, dryRun } = change;
    const changes = [pin(record), ...more];
    const file = relative(CHECKOUT, to.file);
    if (dryRun) {
        const would = stackFileChanges(to.file, changes);
        show(would.length > 0 ? `${file} would be changed:` : `${file} says so already.`, would);
        console.log("\nNothing was changed.");
        return 0;
    }
    const lines = changeStackFile(to.file, changes);
    show(lines.length > 0 ? `${file} is changed:` : `${file} says so already.`, lines);
    if (yes) {
        console.log("");
        return run(to.stack, { reason });
    }
    console.log(`\nReview it (git diff ${file}), commit it, and bring the stack up:`);
    console.log(`  pulumi up --stack ${to.name}`);
    return 0;
}

/** The change that pins a release by its commit, because a tag can be moved. */
export function pin({ commit, ref }: ReleaseRecord): Change {
    const says = commit.startsWith(ref) || ref === "HEAD" ? {} : { comment: ref };
    return { key: "release", value: commit, ...says };
}

function summary(record: ReleaseRecord): string {
    return `${named(record)}, version ${record.version} (${short(record.sha256)}), ${figures(record)}`;
}

function show(title: string, lines: readonly string[]): void {
    if (lines.length > 0 || !title.endsWith(":")) {
        console.log(`\n${[title, ...lines.map((line) => `  ${line}`)].join("\n")}`);
    }
}

/** The commits that come in and the commits that go out between two commits; a line each, newest first. */
export function commitsBetween(from: string, to: string): Promise<[string[], string[]]> {
    return Promise.all([commits(`${from}..${to}`), commits(`${to}..${from}`)]);
}

async function commits(range: string): Promise<string[]> {
    const { code, stdout, tail } = await command("git", ["log", "--format=%h %s", range], { cwd: CHECKOUT });
    if (code !== 0) {
        // For example, a shallow clone. The commits are only information, so this is no reason to end.
        return [`not known; git says: ${tail}`];
    }
    const all = stdout === "" ? [] : stdout.split("\n");
    const left = all.length - COMMITS_SHOWN;
    return left > 0 ? [...all.slice(0, COMMITS_SHOWN), `and ${left} more`] : all;
}
