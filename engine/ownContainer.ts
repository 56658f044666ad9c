/**
 * Finds out whether this process runs in a container of the engine that it talks to. Such
 * a container sees other files than the engine's machine.
 */
import { readFileSync } from "node:fs";
import { posix } from "node:path";

import type Docker from "dockerode";

import { existing } from "./client";

export interface ContainerMount {
    readonly Source: string;
    readonly Destination: string;
}

/**
 * The mounts of the container in which this process runs.
 *
 * @returns undefined when the process runs in no container, or in a container of another engine
 */
export async function ownMounts(
    engine: Docker,
    mountinfo = ownMountinfo(),
): Promise<readonly ContainerMount[] | undefined> {
    const id = containerOf(mountinfo);
    if (id === undefined) {
        return undefined;
    }
    return (await existing(engine.getContainer(id).inspect()))?.Mounts;
}

/**
 * The path on the engine's machine for a path of a container.
 *
 * @returns undefined when the path exists in the container alone
 */
export function pathOnMachine(path: string, mounts: readonly ContainerMount[]): string | undefined {
    const [nearest] = mounts
        .filter(({ Destination }) => isWithin(path, Destination))
        .sort((a, b) => b.Destination.length - a.Destination.length);
    return nearest && posix.join(nearest.Source, posix.relative(nearest.Destination, path));
}

/**
 * The container's id. The engine mounts the files that name a container's host, and the id is part of their paths.
 * Source: proc(5), mountinfo.
 */
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
        // Only Linux has this file, and only Linux has containers of its own.
        return "";
    }
}
