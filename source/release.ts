import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { mistake } from "../errors";

const run = promisify(execFile);

/** The source that a stack runs: a commit's tree, or the working tree. */
export interface Release {
    /** The git ref as configured, or the branch that is checked out. */
    ref: string;
    commit: string;
    /** Whether the tree holds changes that the commit does not. */
    dirty: boolean;
    /** The folder of the trainer in this tree, relative to the project's. */
    trainer: string;
}

/** Relative to the project: an absolute path of a build context would be a change on another machine. */
export const TREES = "node_modules/.cache/seismic-mlops/trees";

/**
 * Finds the source to run: the trainer's tree of `ref`, exported to a place that
 * its content names, or the working tree when there is no ref.
 *
 * @param path the trainer's folder in that tree, `trainer.path` of the config
 * @param pinned whether the ref must name the same commit for ever: a tag, or a commit itself
 * @throws a mistake when this is no git repository, the ref does not
 *   exist here, or its tree has no trainer
 */
export async function resolveRelease(
    project: string,
    path: string,
    ref: string | undefined,
    pinned = false,
): Promise<Release> {
    const git = (...args: string[]) => run("git", ["-C", project, ...args], { maxBuffer: 64 << 20 });
    if (ref === undefined) {
        return workingTree(project, path, git);
    }
    const { stdout } = await git("rev-parse", "--verify", "--quiet", `${ref}^{commit}`).catch(() => {
        throw mistake(
            `release: got ${ref}; this clone has no such tag, branch or commit. ` +
                "Fetch it (git fetch --tags --unshallow), or set another: pulumi config set release REF",
        );
    });
    const commit = stdout.trim();
    if (pinned && !commit.startsWith(ref) && !(await isTag(git, ref))) {
        throw mistake(
            `release: got ${ref}, which names another commit later; pin a tag, or the commit itself: ` +
                `pulumi config set release ${commit}`,
        );
    }
    // The slash asks for a folder: not for a file, nor a link, which may lead anywhere.
    const found = await git("rev-parse", "--verify", "--quiet", `${commit}:${path}/`).catch(() => {
        throw withoutTrainer(path, ref, commit);
    });
    const tree = found.stdout.trim();
    const trainer = `${TREES}/${tree}`;
    if (!existsSync(resolve(project, trainer))) {
        await exportTree(git, tree, resolve(project, trainer));
    }
    return checked({ ref, commit, dirty: false, trainer }, project, path);
}

async function isTag(git: Git, ref: string): Promise<boolean> {
    const { stdout } = await git("rev-parse", "--symbolic-full-name", ref);
    return stdout.startsWith("refs/tags/");
}

type Git = (...args: string[]) => Promise<{ stdout: string }>;

async function workingTree(project: string, path: string, git: Git): Promise<Release> {
    const [head, changed, added] = await Promise.all([
        git("rev-parse", "HEAD", "--abbrev-ref", "HEAD"),
        // Not `git status`: it takes a file that a clean filter restores for changed.
        git("diff", "--name-only", "HEAD"),
        git("ls-files", "--others", "--exclude-standard"),
    ]).catch(() => {
        throw mistake(
            `${project}: not a git repository with a commit, so no model could be traced to its source; ` +
                "run: git init && git add -A && git commit",
        );
    });
    const folder = resolve(project, path);
    if (existsSync(folder) && realpathSync(folder) !== resolve(realpathSync(project), path)) {
        throw mistake(
            `trainer.path: got ${path}, where a link leads; a release has no more than the link, so put the folder itself there`,
        );
    }
    const [commit, ref] = head.stdout.trim().split("\n");
    const dirty = changed.stdout + added.stdout !== "";
    return checked({ ref: ref!, commit: commit!, dirty, trainer: path }, project, path);
}

function checked(release: Release, project: string, path: string): Release {
    if (!existsSync(resolve(project, release.trainer, "Dockerfile"))) {
        throw withoutTrainer(path, release.ref, release.commit);
    }
    return release;
}

function withoutTrainer(path: string, ref: string, commit: string): Error {
    return mistake(
        `trainer.path: got ${path}; ${ref} (${commit.slice(0, 12)}) has no ${path}/Dockerfile. ` +
            "Set it to the folder of a trainer, or release to a ref that holds this one",
    );
}

/** Exports to a neighbour first: a folder that stands is whole. */
async function exportTree(git: Git, treeIsh: string, folder: string): Promise<void> {
    mkdirSync(join(folder, ".."), { recursive: true });
    const partial = mkdtempSync(`${folder}.`);
    try {
        const archive = join(partial, "tree.tar");
        const tree = join(partial, "tree");
        mkdirSync(tree);
        await git("archive", "--format=tar", "--output", archive, treeIsh);
        await run("tar", ["-xf", archive, "-C", tree]);
        renameSync(tree, folder);
    } finally {
        rmSync(partial, { recursive: true, force: true });
    }
}
