import type * as pulumi from "@pulumi/pulumi";

import { parseBytes } from "../../common/units";

const OWNER_ONLY = 0o400;
/** The folder that every program may write to. */
const TEMPORARY = "/tmp";
/** Enough for the notes of the health checks, and for the few files of the platform's own services. */
const SMALL = "64m";

/** A folder of the engine's host. */
export interface HostMount {
    kind: "host";
    path: string;
    target: string;
    readOnly?: boolean;
}

/**
 * A folder that a container sees: a volume of its own, a folder of the engine's host, or an empty folder that ends
 * with the container. An empty folder is in memory with a bounded size, or on the engine's disk.
 */
export type Mount =
    | {
          kind: "volume";
          volume: pulumi.Input<string>;
          target: string;
          readOnly?: boolean;
          onEachNode?: boolean;
      }
    | HostMount
    | { kind: "memory"; target: string; size: string }
    | { kind: "disk"; target: string };

/**
 * An empty folder for small files. What it holds counts as the container's memory. The folder belongs to root and has
 * the mode of the image's folder at its place, whatever mode is declared. So the image's folder must be open to all.
 */
export function inMemory(target: string, size = SMALL): Mount {
    return { kind: "memory", target, size };
}

/** /tmp of the platform's own services. */
export const SMALL_TEMPORARY = inMemory(TEMPORARY);
/**
 * /tmp of trainers and of MLflow. They keep surveys' rows and models there, which may be larger than the memory. The
 * engine removes this folder with the container.
 */
export const LARGE_TEMPORARY: Mount = { kind: "disk", target: TEMPORARY };

/** A mount in the form that services and containers share. */
export function renderMount(mount: Mount) {
    const { target } = mount;
    switch (mount.kind) {
        case "volume":
            return { type: "volume", source: mount.volume, target, readOnly: mount.readOnly ?? false };
        case "host":
            return { type: "bind", source: mount.path, target, readOnly: mount.readOnly ?? false };
        case "memory":
            return { type: "tmpfs", target, tmpfsOptions: { sizeBytes: parseBytes(mount.size)! } };
        case "disk":
            // A volume without a name belongs to one container. It takes the mode of the image's folder over.
            return { type: "volume", target };
    }
}

/** A file that a service sees. Its content is a secret or a config of the engine. */
export interface MountedFile {
    id: pulumi.Input<string>;
    name: pulumi.Input<string>;
    target: string;
}

/** A secret's file that only its reader can read. */
export function renderSecret({ id, name, target }: MountedFile, reader: string) {
    return { secretId: id, secretName: name, fileName: target, fileUid: reader, fileMode: OWNER_ONLY };
}

/** A config's file that only its reader can read. */
export function renderConfig({ id, name, target }: MountedFile, reader: string) {
    return { configId: id, configName: name, fileName: target, fileUid: reader, fileMode: OWNER_ONLY };
}
