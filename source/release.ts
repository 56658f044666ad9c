import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
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

/** The folder that makes the trainer's image; another team's trainer takes its place. */
const TRAINER = "trainer";
/** Relative to the project: an absolute path of a build context would be a change on another machine. */
const TREES = "node_modules/.cache/seismic-mlops/trees";

/**
 * Finds the source to run: the trainer's tree of `ref`, exported to a place that
 * its content names, or the working tree when there is no ref.
 *
 * @param pinned whether the ref must name the same commit for ever: a tag, or a commit itself
 * @throws a mistake when this is no git repository, the ref does not
 *   exist here, or its tree has no trainer
 */
export async function resolveRelease(
    project: string,
    ref: string | undefined,
    pinned = false,
): Promise<Release> {
    const git = (...args: string[]) => run("git", ["-C", project, ...args], { maxBuffer: 64 << 20 });
    if (ref === undefined) {
        return workingTree(project, git);
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
    const found = await git("rev-parse", "--verify", "--quiet", `${commit}:${TRAINER}`).catch(() => {
        throw withoutTrainer(ref, commit);
    });
    const tree = found.stdout.trim();
    const trainer = `${TREES}/${tree}`;
    if (!existsSync(resolve(project, trainer))) {
        await exportTree(git, tree, resolve(project, trainer));
    }
    return checked({ ref, commit, dirty: false, trainer }, project);
}

async function isTag(git: Git, ref: string): Promise<boolean> {
    const { stdout } = await git("rev-parse", "--symbolic-full-name", ref);
    return stdout.startsWith("refs/tags/");
}

type Git = (...args: string[]) => Promise<{ stdout: string }>;

async function workingTree(project: string, git: Git): Promise<Release> {
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
    const [commit, ref] = head.stdout.trim().split("\n");
    const dirty = changed.stdout + added.stdout !== "";
    return checked({ ref: ref!, commit: commit!, dirty, trainer: TRAINER }, project);
}

function checked(release: Release, project: string): Release {
    if (!existsSync(resolve(project, release.trainer, "Dockerfile"))) {
        throw withoutTrainer(release.ref, release.commit);
    }
    return release;
}

function withoutTrainer(ref: string, commit: string): Error {
    return mistake(
        `release: ${ref} (${commit.slice(0, 12)}) has no ${TRAINER}/Dockerfile; choose a ref that holds a trainer`,
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
