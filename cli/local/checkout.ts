/**
 * Keeps the working tree clean while Pulumi works in it.
 *
 * Pulumi adds a line `encryptionsalt` to Pulumi.<stack>.yaml when a stack with a passphrase is first used. The line
 * differs for each passphrase, so it cannot be committed, and Pulumi writes it again whenever it is missing. So a
 * clean filter, which .gitattributes names, tells git in this clone that the line is no content. A file with
 * encrypted values keeps its line, because the values cannot be opened without it. After a checkout that rewrote such
 * a file, plain pulumi adds the line again. Then `git status` names the file, `git diff` shows nothing, and `git add
 * -u` or the next `npm start` corrects the index. PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER makes Pulumi look for a
 * missing line in the stack's state.
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

/** Sets the filter up in this clone. Does nothing in a checkout without git. */
export async function ensureFilter(): Promise<void> {
    if (!(await hasFilter()) && (await git("rev-parse", "--git-dir")).code === 0) {
        await git("config", "--local", FILTER, CLEAN);
    }
}

export async function hasFilter(): Promise<boolean> {
    return (await git("config", "--local", "--get", FILTER)).stdout === CLEAN;
}

/** Removes salts that protect nothing, because a salt of another passphrase would be refused. */
export function dropSalts(folder = CHECKOUT): void {
    for (const file of stackFiles(folder)) {
        const text = readFileSync(file, "utf8");
        const without = withoutSalt(text);
        if (without !== text) {
            writeFileSync(file, without);
        }
    }
}

/** Follows the same rule as git's filter. */
export function withoutSalt(text: string): string {
    return /^ *secure:/m.test(text) ? text : text.replace(/^encryptionsalt:.*\n?/gm, "");
}

/**
 * Makes git look again at stack files that differ from the index only in the salt. Otherwise `git status` calls a
 * file of another size modified, whatever the filter does with it.
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

/**
 * The name in Pulumi.yaml. It begins the keys of each stack's configuration, and the names of everything that a stack
 * makes.
 */
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
