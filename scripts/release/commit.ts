import { CHECKOUT } from "../setup/paths";
import { run } from "../setup/processes";
import { SetupError } from "../setup/steps";

/** The commit that a ref names in this clone. */
export async function commitOf(ref: string): Promise<string> {
    const found = await run("git", ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`], {
        cwd: CHECKOUT,
    });
    if (found.code !== 0) {
        throw new SetupError(
            `${ref}: this clone has no such tag, branch or commit. Fetch it: git fetch --tags`,
        );
    }
    return found.stdout.trim();
}
