import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { mistake, quoted } from "../common/mistake";

const run = promisify(execFile);
const MAX_OUTPUT = 64 << 20;

/** A call of git that failed, with git's own words. There are none if git was asked to be quiet. */
export class GitError extends Error {
    constructor(readonly said: string) {
        super(`git: ${said}`);
    }
}

export interface GitOptions {
    env?: Readonly<Record<string, string>>;
    /** The standard input for git. */
    input?: Buffer;
}

/** Calls git in a folder. Returns the output, and throws a GitError when git fails. */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<Buffer>;

export function gitIn(folder: string): Git {
    return async (args, { env, input } = {}) => {
        const calling = run("git", ["-C", folder, ...args], {
            encoding: "buffer",
            // Git must speak English, because its messages are searched for words.
            env: { ...process.env, LC_ALL: "C", ...env },
            maxBuffer: MAX_OUTPUT,
        });
        calling.child.stdin?.end(input);
        try {
            return (await calling).stdout;
        } catch (error) {
            const { code, stderr } = error as { code?: unknown; stderr?: Buffer };
            throw new GitError(
                code === "ENOENT" ? "there is no git on PATH; install it" : (stderr ?? "").toString().trim(),
            );
        }
    };
}

/** The lines that a call of git printed. */
export function linesOf(printed: Buffer): string[] {
    const text = printed.toString("utf8").trimEnd();
    return text === "" ? [] : text.split("\n");
}

/** Says why git does not read a checkout, and what to do about it. */
export function checkoutTrouble(said: string): { found: string; remedy: string } {
    return /not a git repository|unknown revision|Needed a single revision/.test(said)
        ? {
              found: "not a git repository with a commit, so no model could be traced to its source",
              remedy: "run: git init && git add -A && git commit",
          }
        : {
              found: "git does not read this checkout, so no model could be traced to its source",
              remedy: "do what git says",
          };
}

/** Turns a failure of git into a user's mistake, with git's own words. */
export function gitMistake(folder: string, error: unknown): Error {
    if (!(error instanceof GitError)) {
        return error as Error;
    }
    const { found, remedy } = checkoutTrouble(error.said);
    return mistake(
        [`${folder}: ${found}; ${remedy}. Git says:`, ...quoted(error.said.split("\n"))].join("\n"),
    );
}
