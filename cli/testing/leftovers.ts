/** Finds and removes the things that an end-to-end run made on an engine. Only the run's name identifies them. */
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { isConflict, isNotFound } from "../../engine/client";

const POLL_MS = 200;
/** The engine answers before it has ended tasks, and before it has removed networks from nodes. */
const GONE_WITHIN_MS = 60_000;

/** A thing on the engine that can be removed. */
export interface Thing {
    /** "volume seismic-mlops-e2e-1a2b3c4d-data". */
    readonly what: string;
    remove(): Promise<unknown>;
}

/** The beginning of the names of a run's stacks, and of their projects. */
export function nameOfRun(run: string): string {
    return `e2e-${run}`;
}

/**
 * Removes everything that a run left on the engine.
 *
 * @returns the removed things
 * @throws the engine's reason, when it still refuses after a minute
 */
export async function removeLeftovers(docker: Docker, run: string): Promise<string[]> {
    return removeAll(() => leftovers(docker, run));
}

/**
 * Removes things until none is found.
 *
 * @param find the things, in the order in which they can be removed
 * @returns the removed things
 * @throws the engine's reason, when it still refuses after a minute
 */
export async function removeAll(find: () => Promise<readonly Thing[]>): Promise<string[]> {
    const removed = new Set<string>();
    for (const began = Date.now(); ; await sleep(POLL_MS)) {
        const things = await find();
        if (things.length === 0) {
            return [...removed];
        }
        for (const it of things) {
            try {
                await it.remove();
                removed.add(it.what);
            } catch (error) {
                if (!isNotFound(error) && Date.now() - began > GONE_WITHIN_MS) {
                    throw new Error(`${it.what}: cannot be removed (${String(error)})`);
                }
            }
        }
    }
}

/** The things that a run left, in the order in which they can be removed. */
export async function leftovers(docker: Docker, run: string): Promise<Thing[]> {
    const [services, containers, networks, { Volumes }, secrets, configs] = await Promise.all([
        docker.listServices(),
        docker.listContainers({ all: true }),
        docker.listNetworks(),
        docker.listVolumes(),
        docker.listSecrets() as Promise<Named[]>,
        docker.listConfigs() as Promise<Named[]>,
    ]);
    const isLeft = (names: (string | undefined)[], labels: Record<string, string> | undefined): boolean =>
        isOfRun(run, [...names, ...Object.values(labels ?? {})]);
    return [
        ...services
            .filter(({ Spec }) => isLeft([Spec?.Name], Spec?.Labels))
            .map(({ ID, Spec }) => thing(`service ${Spec?.Name}`, docker.getService(ID))),
        ...containers
            .filter(({ Names, Labels }) => isLeft(Names, Labels))
            .map(({ Id, Names }) => ({
                what: `container ${Names[0]}`,
                remove: () => docker.getContainer(Id).remove({ force: true, v: true }),
            })),
        ...secrets
            .filter(({ Spec }) => isLeft([Spec?.Name], Spec?.Labels))
            .map(({ ID, Spec }) => thing(`secret ${Spec?.Name}`, docker.getSecret(ID))),
        ...configs
            .filter(({ Spec }) => isLeft([Spec?.Name], Spec?.Labels))
            .map(({ ID, Spec }) => thing(`config ${Spec?.Name}`, docker.getConfig(ID))),
        ...networks
            .filter(({ Name, Labels }) => isLeft([Name], Labels))
            .map(({ Id, Name }) => thing(`network ${Name}`, docker.getNetwork(Id))),
        ...(Volumes ?? [])
            .filter(({ Name, Labels }) => isLeft([Name], Labels))
            .map(({ Name }) => thing(`volume ${Name}`, docker.getVolume(Name))),
    ];
}

/** Whether a name or label belongs to the run: it has the run's name, and two bytes that a project adds. */
export function isOfRun(run: string, names: readonly (string | undefined)[]): boolean {
    const name = new RegExp(`(^|[^0-9a-z])${nameOfRun(run)}[0-9a-f]{4}([^0-9a-f]|$)`);
    return names.some((it) => it !== undefined && name.test(it));
}

/**
 * Removes images, but not those in use.
 *
 * @returns the images that are in use
 */
export async function removeImages(docker: Docker, tags: readonly string[]): Promise<string[]> {
    const used: string[] = [];
    for (const tag of tags) {
        try {
            await docker.getImage(tag).remove();
        } catch (error) {
            if (isConflict(error)) {
                used.push(tag);
            } else if (!isNotFound(error)) {
                throw error;
            }
        }
    }
    return used;
}

interface Named {
    readonly ID: string;
    readonly Spec?: { readonly Name?: string; readonly Labels?: Record<string, string> };
}

function thing(what: string, it: { remove(): Promise<unknown> }): Thing {
    return { what, remove: () => it.remove() };
}
