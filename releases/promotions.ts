import { short } from "../common/hashes";
import { mistake } from "../common/mistake";
import { mainFigure, TITLES } from "./figures";
import type { ReleaseRecord } from "./records";
import type { Release } from "./release";

/**
 * The record of a release that the previous stack validated, or this stack itself; undefined when there is none.
 *
 * @param own this stack's records
 * @param theirs the records of the previous stack
 */
export function validatedBy(
    { commit, repository }: Pick<Candidate, "commit" | "repository">,
    own: readonly ReleaseRecord[],
    theirs: readonly ReleaseRecord[],
): ReleaseRecord | undefined {
    return [...theirs, ...own].find(
        (it) => isOfCommit(it, commit) && otherTrainer(it, repository) === undefined,
    );
}

/** Whether a record is of exactly this commit. */
function isOfCommit(record: ReleaseRecord, commit: string): boolean {
    return record.commit === commit && !record.dirty;
}

/** The release that a stack is about to make. */
export interface Candidate extends Release {
    /** The name of the image that the trainer makes. A commit may hold several trainers. */
    repository: string;
}

/**
 * The problem when a record belongs to another trainer than the configured one.
 *
 * @param repository the name of the image that the configured trainer makes
 */
export function otherTrainer({ image, commit }: ReleaseRecord, repository: string): string | undefined {
    const its = image.slice(0, image.lastIndexOf(":"));
    return its === repository
        ? undefined
        : `trainer.path: it makes the image ${repository}; what was validated of ${short(commit)} ` +
              `is ${its}, another trainer. Set trainer.path as it was then`;
}

/**
 * Refuses a release that the previous stack has not validated. A release that this stack
 * made before may always come back.
 *
 * @param from the previous stack, `promoteFrom` of the config
 * @param own this stack's records
 * @param theirs the records of `promoteFrom`; undefined when there is no such stack
 * @returns a warning: the other stack does not exist yet, or it went back from the release
 * @throws a mistake that lists the releases of the other stack, and says how to validate the commit there
 */
export function checkPromotion(
    stack: string,
    from: string,
    candidate: Candidate,
    own: ReleaseRecord[],
    theirs: ReleaseRecord[] | undefined,
    isPreview: boolean,
): string | undefined {
    if (from === stack) {
        throw mistake(`promoteFrom: got ${from}, which is this stack; name the stack before it, or none`);
    }
    const { ref, commit, repository } = candidate;
    const validated = [...own, ...(theirs ?? [])].filter((it) => isOfCommit(it, commit));
    const problems = validated.map((it) => otherTrainer(it, repository));
    if (problems.includes(undefined)) {
        return leftBehind(from, candidate, own, theirs ?? []);
    }
    const [other] = problems;
    if (other !== undefined) {
        throw mistake(other);
    }
    const what = `release: ${ref} (${short(commit)})`;
    const remedy =
        `validate it there first: pulumi config set release ${commit} --stack ${from} && ` +
        `pulumi up --stack ${from}`;
    if (theirs === undefined && isPreview) {
        return `${what} is not validated: there is no stack ${from} yet. An update would be refused; ${remedy}`;
    }
    const has = (theirs ?? []).filter(({ dirty }) => !dirty).map(describe);
    const listed =
        has.length > 0 ? [`${from} has validated:`, ...has] : [`${from} has validated nothing yet`];
    throw mistake(
        [`${what} was not validated in ${from}, which promoteFrom names; ${remedy}`, ...listed].join("\n  "),
    );
}

/** The warning about a release that is new here, when the other stack has gone back from it. */
function leftBehind(
    from: string,
    { ref, commit }: Candidate,
    own: ReleaseRecord[],
    theirs: ReleaseRecord[],
): string | undefined {
    const left = theirs.find((it) => isOfCommit(it, commit))?.rolledBack;
    return left === undefined || own.some((it) => it.commit === commit)
        ? undefined
        : `release: ${ref} (${short(commit)}) was rolled back from in ${from} at ${left.at} (${left.why})`;
}

function describe({ commit, ref, at, metrics }: ReleaseRecord): string {
    const [name, value] = mainFigure(metrics) ?? [];
    const judged = value === undefined ? "" : `, ${TITLES[name!] ?? name} ${value.toFixed(3)}`;
    return `  ${short(commit)} (${ref}) at ${at}${judged}`;
}
