import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { mistake } from "../common/mistake";
import { openModes } from "./buildContext";
import { type Git, linesOf } from "./git";
import { refuseStandIns } from "./standIns";
import { moveUnlessThere } from "./trees";

/** A folder of a commit. */
export interface Tree {
    commit: string;
    /** Relative to the folder in which git is called. */
    path: string;
    /** The hash of the folder's content. */
    tree: string;
}

const SUBMODULE = "160000";

/**
 * Writes a folder of a commit as git would check it out, with the filters and line ends
 * that the commit's .gitattributes ask for. The folder is first made under another name
 * and then moved, so an existing folder is complete.
 *
 * @throws a mistake when the folder holds a submodule, or a stand-in instead of a file
 */
export async function exportTree(git: Git, { commit, path, tree }: Tree, folder: string): Promise<void> {
    if (existsSync(folder)) {
        return;
    }
    await refuseSubmodules(git, path, tree);
    mkdirSync(join(folder, ".."), { recursive: true });
    const partial = mkdtempSync(`${folder}.`);
    try {
        const env = { GIT_INDEX_FILE: join(partial, "index") };
        // Read the whole commit, because .gitattributes of the folders above count too.
        await git(["-c", "core.sparseCheckout=false", "read-tree", commit], { env });
        const input = await git(["ls-files", "-z", "--", `:(literal)${path}/`], { env });
        const whole = join(partial, "tree");
        await git(["checkout-index", "-z", "--stdin", `--prefix=${whole}/`], { env, input });
        const [prefix = ""] = linesOf(await git(["rev-parse", "--show-prefix"]));
        const made = join(whole, prefix, path);
        refuseStandIns(made, path);
        openModes(made);
        moveUnlessThere(made, folder);
    } finally {
        rmSync(partial, { recursive: true, force: true });
    }
}

async function refuseSubmodules(git: Git, path: string, tree: string): Promise<void> {
    const below = (await git(["ls-tree", "-r", "-z", "--full-tree", tree])).toString("utf8").split("\0");
    refuseSubmodule(
        path,
        below.map((entry) => entry.replace("\t", `\t${path}/`)),
    );
}

/** @throws a mistake when a folder of a commit is a submodule, or is within one */
export async function refuseAsSubmodule(git: Git, commit: string, path: string): Promise<void> {
    const parts = path.split("/");
    const all = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    refuseSubmodule(path, linesOf(await git(["ls-tree", commit, "--", ...all])));
}

/** The files of a submodule are in another repository. A release has only the submodule's commit. */
function refuseSubmodule(path: string, entries: readonly string[]): void {
    const submodule = entries.find((entry) => entry.startsWith(`${SUBMODULE} `));
    if (submodule !== undefined) {
        throw mistake(
            `trainer.path: got ${path}; ${submodule.slice(submodule.indexOf("\t") + 1)} is a submodule, ` +
                "whose files no release has: put them into this repository, with git subtree for instance",
        );
    }
}
