/** Files of training runs in a stack's MLflow that nothing needs any more; what MLflow's database says of the runs stays. */
import { mistake } from "../../common/mistake";
import { short } from "../../common/hashes";
import {
    ARTIFACTS_FOLDER,
    ARTIFACTS_SCHEME,
    insideNetwork,
    REGISTRY_ROLE,
} from "../../components/registry/modelRegistry";
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

/** Says of a run, and of what it made, when and why its files went. The trainer reproduces no version that has it. */
export const PRUNED_TAG = versionTag("artifacts_pruned");
const NO_STAGE = "None";

/** The files of one run, and of the models that it uploaded. */
export interface RunFiles extends Found {
    readonly run: UselessRun;
    /** Versions of its models; those of files that go are all refused ones. */
    readonly versions: readonly KnownVersion[];
    /** Below MLflow's folder. */
    readonly folders: readonly string[];
}

/** What an MLflow holds, as far as pruning looks at it. */
export interface RegistryContents {
    /** Newest first. */
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
 * The runs that take room though their models may not serve; undefined when MLflow does not run.
 *
 * @throws NoAnswer, RegistryRefused
 */
export async function foundRunFiles({ place, ...rest }: PruneArgs): Promise<RunFiles[] | undefined> {
    const inside = await insideNetwork(place);
    if (inside === undefined) {
        return undefined;
    }
    const registry = new RegistryRuns(inside);
    // Versions last: one that is made meanwhile keeps its run.
    const [runs, sizes] = [await registry.useless(), await folderSizes(place)];
    return runFiles({ runs, sizes, versions: await registry.versions() }, { stack: place.stack, ...rest });
}

/**
 * Removes files of runs. No update or restore of the stack goes on meanwhile, and no training takes up what goes.
 *
 * What goes is marked first, so that a run never lacks files without a word, and one that was interrupted is ended
 * by the next.
 *
 * @param refuseWhileUpdated refuses while an update of the stack is under way
 * @returns what went
 */
export async function removeRunFiles(
    args: PruneArgs,
    refuseWhileUpdated: () => Promise<void>,
): Promise<RunFiles[]> {
    const { place } = args;
    const again = async () => ((await foundRunFiles(args)) ?? []).filter(isUnneeded);
    return withHelper(place, async (helper) => {
        // From here on an update is refused; one that began before is seen by its lock.
        await refuseWhileUpdated();
        await refuseWhileTraining(place);
        if ((await new ArtifactExchange(place, helper).state()) !== "none") {
            throw mistake(
                `Stack ${place.stack}: a restore was interrupted; run it again first. Its runs keep their files.`,
            );
        }
        const inside = await insideNetwork(place);
        if (inside === undefined) {
            return [];
        }
        const registry = new RegistryRuns(inside);
        return removeMarked(registry, again, () => refuseWhileTraining(place));
    });
}

/**
 * Marks what is not needed, and deletes the files of what still is not once no training goes on that does not see the mark.
 *
 * @param find what is not needed now
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
    // A retraining may have begun and found such a version again; one that begins now leaves it alone.
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

/** Of what a registry holds, the runs that take room, with the reason for which one keeps its files. */
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

/** Whether a version was made of a run's model: it names the run, or the model by its id or its address. */
function isOf({ runId, source }: KnownVersion, { id, models }: UselessRun): boolean {
    return runId === id || [id, ...models].some((it) => source.split("/").includes(it));
}

/** The release that goes back to a run or to one of its versions. */
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

/** What a version is that may serve, or that somebody has pointed at: only one that is refused, and nothing else, is useless. */
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

/** Where a run's files and those of its models lie below MLflow's folder; none where they lie elsewhere. */
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
 * Adds up the sizes of files by the folders they are in.
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
