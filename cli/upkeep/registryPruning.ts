/** Files of training runs in a stack's MLflow that are no longer needed. The facts in MLflow's database stay. */
import { mistake } from "../../common/mistake";
import { short } from "../../common/hashes";
import { ARTIFACTS_FOLDER, ARTIFACTS_SCHEME, REGISTRY_ROLE } from "../../components/registry/modelRegistry";
import { insideRegistry } from "../../components/registry/senders";
import {
    GATE_TAG,
    RegistryRuns,
    type KnownVersion,
    type UselessRun,
} from "../../components/registry/mlflowRuns";
import { REFUSED, versionTag } from "../../contract/names";
import type { ReleaseRecord } from "../../releases/records";
import { ArtifactExchange } from "../backup/artifacts";
import { refuseWhileTraining } from "../stack/busy";
import { withHelper } from "../backup/helper";
import type { Found } from "./pruning";
import { inContainer, lines } from "../backup/registryDatabase";
import { containerOf, type Place } from "../stack/target";

/**
 * This tag of a run, and of the things that it made, says when and why their files were removed. The trainer
 * reproduces no version with this tag.
 */
export const PRUNED_TAG = versionTag("artifacts_pruned");
const NO_STAGE = "None";

/** The files of one run, and of the models that it uploaded. */
export interface RunFiles extends Found {
    readonly run: UselessRun;
    /** Versions of the run's models. When files are removed, all these versions are refused ones. */
    readonly versions: readonly KnownVersion[];
    /** Paths below MLflow's folder. */
    readonly folders: readonly string[];
}

/** The content of an MLflow, as far as pruning needs it. */
export interface RegistryContents {
    /** The changes, newest first. */
    readonly runs: readonly UselessRun[];
    readonly versions: readonly KnownVersion[];
    /** Bytes below each folder. */
    readonly sizes: ReadonlyMap<string, number>;
}

export interface PruneArgs {
    readonly place: Place;
    /** The stack's validated releases. */
    readonly releases: readonly ReleaseRecord[];
    readonly keepRuns: number;
}

/**
 * The runs that take disk space although their models may not serve; undefined when MLflow does not run.
 *
 * @throws NoAnswer, RegistryRefused
 */
export async function foundRunFiles({ place, ...rest }: PruneArgs): Promise<RunFiles[] | undefined> {
    const inside = await insideRegistry(place);
    if (inside === undefined) {
        return undefined;
    }
    const registry = new RegistryRuns(inside);
    // Read the versions last, so that a version that is made meanwhile keeps its run.
    const [runs, sizes] = [await registry.useless(), await folderSizes(place)];
    return runFiles({ runs, sizes, versions: await registry.versions() }, { stack: place.stack, ...rest });
}

/**
 * Removes files of runs. Meanwhile, no update or restore of the stack is possible, and no training uses the files.
 *
 * Each run is marked before its files are removed. So a run without files always has a mark, and the next pruning can
 * end an interrupted one.
 *
 * @param refuseWhileUpdated refuses while an update of the stack is under way
 * @returns the runs without files now
 */
export async function removeRunFiles(
    args: PruneArgs,
    refuseWhileUpdated: () => Promise<void>,
): Promise<RunFiles[]> {
    const { place } = args;
    const again = async () => ((await foundRunFiles(args)) ?? []).filter(isUnneeded);
    return withHelper(place, async (helper) => {
        // From here on, updates are refused. An update that began before is seen by its lock.
        await refuseWhileUpdated();
        await refuseWhileTraining(place);
        if ((await new ArtifactExchange(place, helper).state()) !== "none") {
            throw mistake(
                `Stack ${place.stack}: a restore was interrupted; run it again first. Its runs keep their files.`,
            );
        }
        const inside = await insideRegistry(place);
        if (inside === undefined) {
            return [];
        }
        const registry = new RegistryRuns(inside);
        return removeMarked(registry, again, () => refuseWhileTraining(place));
    });
}

/**
 * Marks the runs that are not needed. When no training runs that may have missed the marks, deletes the files of
 * those runs that are still not needed.
 *
 * @param find the runs that are not needed now
 * @param refuse refuses while a model is being trained
 */
export async function removeMarked(
    registry: Pick<RegistryRuns, "tag" | "untag" | "deleteArtifacts">,
    find: () => Promise<RunFiles[]>,
    refuse: () => Promise<void>,
): Promise<RunFiles[]> {
    const marked = await find();
    for (const { run, versions } of marked) {
        const value = `${new Date().toISOString()} by npm run prune: ${run.why}`;
        await registry.tag(run, versions, PRUNED_TAG, value);
    }
    // A retraining may have begun before the mark, and may have reproduced such a version. A retraining that begins
    // now leaves the version alone.
    const refusal = await refuse().catch((error: unknown) => ({ error }));
    const sure = new Set(refusal === undefined ? (await find()).map(({ run }) => run.id) : []);
    for (const { run, versions } of marked.filter((it) => !sure.has(it.run.id))) {
        await registry.untag(run, versions, PRUNED_TAG);
    }
    if (refusal !== undefined) {
        throw refusal.error;
    }
    const going = marked.filter(({ run }) => sure.has(run.id));
    for (const folder of going.flatMap(({ folders }) => folders)) {
        await registry.deleteArtifacts(folder);
    }
    return going;
}

/** The runs of a registry that take disk space. A run that keeps its files has the reason. */
export function runFiles(
    { runs, versions, sizes }: RegistryContents,
    { stack, releases, keepRuns }: Pick<PruneArgs, "releases" | "keepRuns"> & { stack: string },
): RunFiles[] {
    return runs
        .map((run, at) => {
            const own = versions.filter((it) => isOf(it, run));
            const folders = foldersOf(run);
            const isNew = at < keepRuns ? `one of the last ${keepRuns} refused or failed runs` : undefined;
            return {
                what: "files of a run" as const,
                name: `${stack} ${run.id}, ${run.why}`,
                bytes: folders.reduce((sum, folder) => sum + (sizes.get(folder) ?? 0), 0),
                needed: releasedBy(run, own, stack, releases) ?? usedAs(own) ?? isNew,
                ...{ run, versions: own, folders },
            };
        })
        .filter(({ bytes }) => bytes > 0);
}

export function isUnneeded({ needed }: Found): boolean {
    return needed === undefined;
}

/**
 * Whether a version was made of a run's model. The version names the run, or names the model by its id or address.
 */
function isOf({ runId, source }: KnownVersion, { id, models }: UselessRun): boolean {
    return runId === id || [id, ...models].some((it) => source.split("/").includes(it));
}

/** The release that names a run or one of its versions. */
function releasedBy(
    { id }: UselessRun,
    own: readonly KnownVersion[],
    stack: string,
    releases: readonly ReleaseRecord[],
): string | undefined {
    const numbers = own.map(({ version }) => version);
    const found = releases.find(({ runId, version }) => runId === id || numbers.includes(version));
    return found === undefined ? undefined : `release ${short(found.commit)} of ${stack}`;
}

/**
 * The use of a version that may serve, or that somebody has marked. Only a version that is refused, and has no alias
 * or stage, is useless.
 */
function usedAs(own: readonly KnownVersion[]): string | undefined {
    for (const { name, version, tags, aliases, stage } of own) {
        const as = [
            ...(tags.get(GATE_TAG) === REFUSED ? [] : ["not refused"]),
            ...aliases.map((alias) => `alias ${alias}`),
            ...(stage === NO_STAGE ? [] : [`stage ${stage}`]),
        ];
        if (as.length > 0) {
            return `version ${version} of ${name}: ${as.join(", ")}`;
        }
    }
    return undefined;
}

/**
 * The folders of a run's files and of its models' files below MLflow's folder. Files in another place are left out.
 */
function foldersOf({ id, models, addresses }: UselessRun): string[] {
    return addresses.flatMap((address) => {
        const path = address.startsWith(ARTIFACTS_SCHEME) ? new URL(address).pathname.slice(1) : "";
        const [owner, last] = path.split("/").slice(-2);
        return last === "artifacts" && [id, ...models].includes(owner!) ? [path] : [];
    });
}

/** The bytes below each folder of MLflow's files. */
async function folderSizes(place: Place): Promise<Map<string, number>> {
    const command = ["find", ARTIFACTS_FOLDER, "-ignore_readdir_race", "-type", "f", "-printf", "%s %P\\n"];
    return sizesOf(lines(await inContainer(place, await containerOf(place, REGISTRY_ROLE), command)));
}

/**
 * Adds up the sizes of files by their folders.
 *
 * @param listed "SIZE PATH" of each file
 */
export function sizesOf(listed: readonly string[]): Map<string, number> {
    const sizes = new Map<string, number>();
    for (const line of listed) {
        const [, size, path] = /^(\d+) (.*)$/.exec(line) ?? [];
        for (let end = path?.lastIndexOf("/") ?? -1; end > 0; end = path!.lastIndexOf("/", end - 1)) {
            const folder = path!.slice(0, end);
            sizes.set(folder, (sizes.get(folder) ?? 0) + Number(size));
        }
    }
    return sizes;
}
