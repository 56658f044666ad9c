import { dirname, relative } from "node:path";

import { mistake } from "../../common/mistake";
import { checkoutTrouble } from "../../releases/git";
import { CHECKOUT } from "../local/paths";
import { run } from "../local/processes";

/** The commit that a ref names in this clone. */
export async function commitOf(ref: string): Promise<string> {
    const found = await run("git", ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`], {
        cwd: CHECKOUT,
    });
    if (found.code !== 0) {
        throw mistake(
            found.tail === ""
                ? `${ref}: this clone has no such tag, branch or commit. Fetch it: git fetch --tags`
                : troubleOf(found.tail),
        );
    }
    return found.stdout.trim();
}

/** A file's path from the root of its repository. This project may be a folder of the repository. */
export async function pathInRepository(file: string): Promise<string> {
    const folder = dirname(file);
    const asked = await run("git", ["rev-parse", "--show-prefix"], { cwd: folder });
    if (asked.code !== 0) {
        throw mistake(troubleOf(asked.tail));
    }
    return `${asked.stdout.trim()}${relative(folder, file)}`;
}

function troubleOf(said: string): string {
    const { found, remedy } = checkoutTrouble(said);
    return `${CHECKOUT}: ${found}; ${remedy}. Git says:\n${said}`;
}
