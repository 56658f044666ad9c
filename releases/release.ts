import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";

import { short } from "../common/hashes";
import { mistake } from "../common/mistake";
import { exportTree, refuseAsSubmodule } from "./export";
import { type Git, GitError, gitIn, gitMistake, linesOf } from "./git";
import { KIT, takesKit } from "./kit";
import { refuseStandIns } from "./standIns";
import { TREES } from "./trees";

/** The source that a stack runs: the tree of a commit, or the working tree. */
export interface Release {
    /** The configured git ref, or the branch that is checked out. */
    ref: string;
    commit: string;
    /** Whether the tree has changes that the commit does not have. */
    dirty: boolean;
    /** The trainer's folder in this tree, relative to the project's folder. */
    trainer: string;
    /** The kit's folder in this tree, also relative; only for a trainer that takes the kit. */
    kit?: string;
}

/**
 * Finds the source to run. With a ref, this is the trainer's tree of `ref`, exported to a
 * folder that is named by its content. Without a ref, this is the working tree.
 *
 * @param project a folder of a git checkout, not necessarily its root
 * @param path the trainer's folder in that project, `trainer.path` of the config
 * @param pinned whether the ref must name the same commit for ever: a tag, or a commit itself
 * @throws a mistake when git does not read this checkout, the ref does not exist here, its
 * tree has no trainer, or a stand-in is in the place of one of the trainer's files
 */
export async function resolveRelease(
    project: string,
    path: string,
    ref: string | undefined,
    pinned = false,
): Promise<Release> {
    const git = gitIn(project);
    if (ref === undefined) {
        return workingTree(project, path, git);
    }
    const commit = await verified(git, `${ref}^{commit}`).catch((error: unknown) => {
        throw isSilent(error)
            ? mistake(
                  `release: got ${ref}; this clone has no such tag, branch or commit. ` +
                      "Fetch it (git fetch --tags --unshallow), or set another: pulumi config set release REF",
              )
            : gitMistake(project, error);
    });
    if (pinned && !commit.startsWith(ref) && !(await isTag(git, ref))) {
        throw mistake(
            `release: got ${ref}, which names another commit later; pin a tag, or the commit itself: ` +
                `pulumi config set release ${commit}`,
        );
    }
    const exported = async (folder: string, missing: () => Error): Promise<string> => {
        // The path is relative to the project's folder, which need not be the repository's root.
        // The slash asks for a folder, and excludes a file or a link, which may lead anywhere.
        const tree = await verified(git, `${commit}:./${folder}/`).catch(async () => {
            await refuseAsSubmodule(git, commit, folder);
            throw missing();
        });
        const made = `${TREES}/${tree}`;
        await exportTree(git, { commit, path: folder, tree }, resolve(project, made));
        return made;
    };
    const trainer = await exported(path, () => withoutTrainer(path, ref, commit));
    const release = checked({ ref, commit, dirty: false, trainer }, project, path);
    return takesKit(resolve(project, trainer))
        ? { ...release, kit: await exported(KIT, () => withoutKit(path, ref, commit)) }
        : release;
}

async function verified(git: Git, revision: string): Promise<string> {
    return linesOf(await git(["rev-parse", "--verify", "--quiet", revision]))[0]!;
}

/** Whether git printed nothing. With --quiet, this means that the revision does not exist. */
function isSilent(error: unknown): boolean {
    return error instanceof GitError && error.said === "";
}

async function isTag(git: Git, ref: string): Promise<boolean> {
    const [name] = linesOf(await git(["rev-parse", "--symbolic-full-name", ref]));
    return name?.startsWith("refs/tags/") ?? false;
}

async function workingTree(project: string, path: string, git: Git): Promise<Release> {
    const asking = git(["rev-parse", "HEAD", "--abbrev-ref", "HEAD"]);
    const [head, changed, added] = await Promise.all([
        asking,
        // Do not use `git status`: it reports a file as changed when a clean filter would restore it.
        git(["diff", "--name-only", "HEAD", "--", "."]),
        git(["ls-files", "--others", "--exclude-standard"]),
    ]).catch(async (error: unknown) => {
        // This call says more clearly than the others what is wrong with a checkout.
        throw gitMistake(
            project,
            await asking.then(
                () => error,
                (clearest: unknown) => clearest,
            ),
        );
    });
    refuseLink(project, path);
    const [commit, ref] = linesOf(head) as [string, string];
    const dirty = changed.length + added.length > 0;
    const release = checked({ ref, commit, dirty, trainer: path }, project, path);
    if (!takesKit(resolve(project, path))) {
        return release;
    }
    if (!existsSync(resolve(project, KIT))) {
        throw withoutKit(path, ref, commit);
    }
    refuseLink(project, KIT);
    refuseStandIns(resolve(project, KIT), KIT);
    return { ...release, kit: KIT };
}

function refuseLink(project: string, path: string): void {
    const folder = resolve(project, path);
    if (existsSync(folder) && realpathSync(folder) !== resolve(realpathSync(project), path)) {
        throw mistake(
            `trainer.path: got ${path}, where a link leads; a release has no more than the link, so put the folder itself there`,
        );
    }
}

function checked(release: Release, project: string, path: string): Release {
    const folder = resolve(project, release.trainer);
    if (!existsSync(resolve(folder, "Dockerfile"))) {
        throw withoutTrainer(path, release.ref, release.commit);
    }
    refuseStandIns(folder, path);
    return release;
}

function withoutKit(path: string, ref: string, commit: string): Error {
    return mistake(
        `trainer.path: got ${path}, whose Dockerfile copies ${KIT}/; ${ref} (${short(commit)}) has no such folder. ` +
            `Add the platform's ${KIT}/ to that commit, or a ${KIT}/ of the trainer's own beside its Dockerfile`,
    );
}

function withoutTrainer(path: string, ref: string, commit: string): Error {
    return mistake(
        `trainer.path: got ${path}; ${ref} (${short(commit)}) has no ${path}/Dockerfile. ` +
            "Set it to the folder of a trainer, or release to a ref that holds this one",
    );
}
