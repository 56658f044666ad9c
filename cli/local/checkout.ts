/**
 * Keeps the working tree clean while Pulumi works in it.
 *
 * A stack with a passphrase gets an `encryptionsalt` line in Pulumi.<stack>.yaml on first use. The line
 * differs from one passphrase to the next, so it cannot be committed, and Pulumi writes it back whenever it is
 * missing. So git is told, in this clone only, that the line is not content (a clean filter, which
 * .gitattributes names). A file with encrypted values keeps its line, since nothing opens them without it.
 * After a checkout that rewrote such a file, plain pulumi adds the line again: `git status` then names the file,
 * `git diff` shows nothing, and `git add -u` or the next `npm start` settles it.
 * PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER has Pulumi find a missing line in the stack's state.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CHECKOUT } from "./paths";
import { run } from "./processes";

const FILTER = "filter.pulumi-salt.clean";
export const CLEAN =
    `awk '{ line[NR] = $0 } /^ *secure:/ { secret = 1 } ` +
    `END { for (i = 1; i <= NR; i++) if (secret || line[i] !~ /^encryptionsalt:/) print line[i] }'`;

/** Sets the filter up in this clone; does nothing in a checkout without git. */
export async function ensureFilter(): Promise<void> {
    if (!(await hasFilter()) && (await git("rev-parse", "--git-dir")).code === 0) {
        await git("config", "--local", FILTER, CLEAN);
    }
}

export async function hasFilter(): Promise<boolean> {
    return (await git("config", "--local", "--get", FILTER)).stdout === CLEAN;
}

/** Takes out salts that protect nothing, so that one of another passphrase cannot stand in the way. */
export function dropSalts(folder = CHECKOUT): void {
    for (const file of stackFiles(folder)) {
        const text = readFileSync(file, "utf8");
        const without = withoutSalt(text);
        if (without !== text) {
            writeFileSync(file, without);
        }
    }
}

/** The same rule as git's filter. */
export function withoutSalt(text: string): string {
    return /^ *secure:/m.test(text) ? text : text.replace(/^encryptionsalt:.*\n?/gm, "");
}

/**
 * Lets git look again at stack files that differ from the index by nothing but the salt.
 * (`git status` calls a file of another size modified, whatever the filter makes of it.)
 */
export async function refreshIndex(folder = CHECKOUT): Promise<void> {
    for (const file of stackFiles(folder)) {
        const tracked = (await git("ls-files", "--error-unmatch", file)).code === 0;
        const same = (await git("diff", "--quiet", "--", file)).code === 0;
        if (tracked && same) {
            await git("add", "--", file);
        }
    }
}

/** The name in Pulumi.yaml, which begins the keys of each stack's configuration and what its things are called. */
export function projectName(): string {
    return (parse(readFileSync(join(CHECKOUT, "Pulumi.yaml"), "utf8")) as { name: string }).name;
}

/** Every Pulumi.<stack>.yaml of a checkout. */
export function stackFiles(folder = CHECKOUT): string[] {
    return readdirSync(folder)
        .filter((name) => /^Pulumi\..+\.yaml$/.test(name))
        .map((name) => join(folder, name));
}

function git(...args: string[]): ReturnType<typeof run> {
    return run("git", args, { cwd: CHECKOUT });
}
