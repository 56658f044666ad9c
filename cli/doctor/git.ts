/** The checkout as a git repository, from which releases come. */
import { short } from "../../common/hashes";
import { checkoutTrouble } from "../../releases/git";
import { hasFilter } from "../local/checkout";
import { ask } from "./ask";
import { failed, note, ok, SETUP, type Check, type Finding } from "./finding";

export function gitChecks(limitMs: number): Check[] {
    return [
        { what: "commit", look: () => commit(limitMs) },
        { what: "history", look: () => history(limitMs) },
        { what: "filter", look: filter },
    ];
}

async function commit(limitMs: number): Promise<Finding> {
    const [head, branch, changed] = await Promise.all([
        ask("git", ["rev-parse", "--verify", "HEAD"], limitMs),
        ask("git", ["rev-parse", "--abbrev-ref", "HEAD"], limitMs),
        // Do not use `git status`: it reports a file as changed when a clean filter would restore it.
        ask("git", ["--no-optional-locks", "diff", "--name-only", "HEAD", "--", "."], limitMs),
    ]);
    if (head.code !== 0) {
        const { found, remedy } = checkoutTrouble(head.stderr);
        return failed("commit", found, `${remedy}; git says: ${head.stderr}`);
    }
    const files = changed.stdout === "" ? 0 : changed.stdout.split("\n").length;
    const dirty = files === 0 ? "" : `, with changes to ${files === 1 ? "1 file" : `${files} files`}`;
    return ok("commit", `${short(head.stdout)} (${branch.stdout})${dirty}`);
}

async function history(limitMs: number): Promise<Finding> {
    const { code, stdout } = await ask("git", ["rev-parse", "--is-shallow-repository"], limitMs);
    if (code !== 0) {
        return note("history", "none");
    }
    return stdout === "true"
        ? note("history", "a shallow clone, which lacks earlier releases", "git fetch --unshallow --tags")
        : ok("history", "whole");
}

async function filter(): Promise<Finding> {
    return (await hasFilter())
        ? ok("filter", "Pulumi's salts in stack files are kept out of commits")
        : note("filter", "not set: a salt of Pulumi's would show as a change of a stack file", SETUP);
}
