/** Whether this process runs in a container of the very engine that it talks to, whose machine has other files. */
import { readFileSync } from "node:fs";
import { posix } from "node:path";

import type Docker from "dockerode";

import { isNotFound } from "./client";

export interface ContainerMount {
    readonly Source: string;
    readonly Destination: string;
}

/**
 * The mounts of the container that this process is in.
 *
 * @returns undefined when it is in none, or in one of another engine
 */
export async function ownMounts(
    engine: Docker,
    mountinfo = ownMountinfo(),
): Promise<readonly ContainerMount[] | undefined> {
    const id = containerOf(mountinfo);
    if (id === undefined) {
        return undefined;
    }
    try {
        return (await engine.getContainer(id).inspect()).Mounts;
    } catch (error) {
        if (isNotFound(error)) {
            return undefined;
        }
        throw error;
    }
}

/**
 * Where a path of a container lies on the engine's machine.
 *
 * @returns undefined when it is in the container alone
 */
export function pathOnMachine(path: string, mounts: readonly ContainerMount[]): string | undefined {
    const [nearest] = mounts
        .filter(({ Destination }) => isWithin(path, Destination))
        .sort((a, b) => b.Destination.length - a.Destination.length);
    return nearest && posix.join(nearest.Source, posix.relative(nearest.Destination, path));
}

/** The id in the mounts of the files by which the engine names a container's host. Source: proc(5), mountinfo. */
export function containerOf(mountinfo: string): string | undefined {
    return /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf) \/etc\//.exec(mountinfo)?.[1];
}

function isWithin(path: string, folder: string): boolean {
    return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

function ownMountinfo(): string {
    try {
        return readFileSync("/proc/self/mountinfo", "utf8");
    } catch {
        // Other systems than Linux have no such file, and no containers of their own.
        return "";
    }
}
