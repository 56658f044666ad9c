/**
 * Lists and removes things that stacks have left on the disk: images, source trees, build logs, files of refused and
 * failed runs.
 */
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { stackPrefix } from "../../components/stack/deployment";
import { connect } from "../../engine/client";
import { asked as answered } from "../stack/asking";
import { refuseWhileTraining } from "../stack/busy";
import { needs, neededByEngine, neededByStack } from "../upkeep/images";
import { foundImages, foundLogs, foundTrees, removeFiles, removeImages, type Found } from "../upkeep/pruning";
import {
    foundRunFiles,
    isUnneeded,
    removeRunFiles,
    type PruneArgs,
    type RunFiles,
} from "../upkeep/registryPruning";
import { sizeText } from "../terminal/sizes";
import { exportState, releasesIn } from "../stack/exportedState";
import { table } from "../terminal/report";
import { openProject, refuseWhileUpdated } from "../stack/stack";
import { projectName } from "../local/checkout";
import { CHECKOUT } from "../local/paths";

export interface PruneOptions {
    /** Undefined means every stack. */
    readonly stack: string | undefined;
    readonly "keep-runs": string;
    readonly yes: boolean;
}

export async function prune(given: PruneOptions): Promise<number> {
    const keepRuns = runsToKeep(given["keep-runs"]);
    const project = await openProject();
    const stacks = await project.listStacks();
    const asked = given.stack === undefined ? stacks : stacks.filter(({ name }) => name === given.stack);
    if (asked.length === 0) {
        throw mistake(
            given.stack === undefined
                ? "There is no stack, so there is no engine to look at."
                : `--stack: got ${given.stack}; the stacks are ${stacks.map(({ name }) => name).join(", ")}.`,
        );
    }
    const hosts = await Promise.all(
        asked.map(async ({ name }) => (await project.getAllConfig(name))["docker:host"]?.value),
    );
    const byHost = new Map<string | undefined, Docker>();
    for (const host of new Set(hosts)) {
        byHost.set(host, await connect(host));
    }
    const engines = [...byHost.values()];
    const [began, clocks] = [Date.now(), await Promise.all(engines.map(clockOf))];
    if (given.yes) {
        // An update writes its things into the state only at its end, so no update may be under way. An update that
        // begins later is recognised by the times of its things.
        for (const { name } of stacks) {
            await refuseWhileUpdated(name);
        }
    }
    // Every stack counts, on any engine.
    const states = new Map(
        await Promise.all(stacks.map(async ({ name }) => [name, await exportState(name)] as const)),
    );
    const named = [...states].map(([name, state]) => neededByStack(name, state));
    const used = await Promise.all(engines.map(neededByEngine));
    const reasons = needs([...named.flat(), ...used.flat()]);

    const images = await Promise.all(engines.map((engine) => foundImages(engine, reasons)));
    const files = [...foundTrees(CHECKOUT, reasons), ...foundLogs(CHECKOUT, reasons)];
    const registries = asked.flatMap(({ name }, at): PruneArgs[] => {
        const owner = { project: projectName(), stack: name };
        const place = { ...owner, engine: byHost.get(hosts[at])!, prefix: stackPrefix(owner) };
        const state = states.get(name)!;
        const isUp = state.deployment.resources.length > 0;
        return isUp ? [{ place, releases: releasesIn(name, state), keepRuns }] : [];
    });
    const listed = await Promise.all(registries.map(listRuns));
    const runs = listed.flatMap(({ found }) => found);
    const unneeded = [...images.flat(), ...files, ...runs].filter(isUnneeded);
    show([...images.flat(), ...files, ...runs]);
    const unread = listed.flatMap(({ problem }) => problem ?? []);
    unread.forEach((problem) => console.log(`\n${problem}`));
    let bytes = sizeOf(unneeded);
    if (given.yes) {
        const toPrune = registries.filter((_, at) => listed[at]!.found.some(isUnneeded));
        for (const { place } of toPrune) {
            await refuseWhileTraining(place);
        }
        await Promise.all(
            engines.map((engine, at) => removeImages(engine, images[at]!.filter(isUnneeded), clocks[at]!)),
        );
        removeFiles(CHECKOUT, unneeded, began);
        // Do this last: on a full disk, MLflow may be able to write only after the removals above.
        bytes -= sizeOf(runs.filter(isUnneeded));
        for (const registry of toPrune) {
            bytes += sizeOf(await removeRuns(registry));
        }
    }
    const total = `${unneeded.length} not needed, ${sizeText(bytes)}`;
    console.log(
        `\n${total}${given.yes ? ": removed" : unneeded.length > 0 ? "; to remove them: --yes" : ""}`,
    );
    return given.yes && unread.length > 0 ? 1 : 0;
}

/** The number of the newest refused or failed runs that keep their files. */
function runsToKeep(given: string): number {
    if (!/^\d{1,6}$/.test(given)) {
        throw mistake(`--keep-runs: got ${given}; give a whole number from 0. Nothing was changed.`);
    }
    return Number(given);
}

/**
 * The runs of a stack's registry, or the obstacle. A full disk may be the obstacle, and the other removals may help.
 */
async function listRuns(args: PruneArgs): Promise<{ found: readonly RunFiles[]; problem?: string }> {
    let found: readonly RunFiles[] | undefined;
    const problem = await answered(async () => {
        found = await foundRunFiles(args);
        return found === undefined ? "its MLflow does not run on this engine" : undefined;
    });
    const what = `Stack ${args.place.stack}: ${problem}. The files of its runs were not looked at.`;
    return problem === undefined ? { found: found! } : { found: [], problem: what };
}

async function removeRuns(args: PruneArgs): Promise<RunFiles[]> {
    const { stack } = args.place;
    let gone: RunFiles[] = [];
    const problem = await answered(async () => {
        gone = await removeRunFiles(args, () => refuseWhileUpdated(stack));
        return undefined;
    });
    if (problem !== undefined) {
        throw mistake(`Stack ${stack}: ${problem}. Run it again: it finishes the removal.`);
    }
    return gone;
}

function sizeOf(found: readonly Found[]): number {
    return found.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The time of an engine's machine, in milliseconds. */
async function clockOf(engine: Docker): Promise<number> {
    const { SystemTime } = (await engine.info()) as { SystemTime: string };
    return Date.parse(SystemTime);
}

function show(found: readonly Found[]): void {
    const rows = found.map(({ what, name, bytes, needed }) => [
        what,
        name,
        sizeText(bytes),
        needed ?? "not needed",
    ]);
    console.log(table([["what", "name", "size", "needed by"], ...rows]).join("\n"));
}
