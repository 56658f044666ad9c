/** Things of this project on a disk that are no longer needed. Volumes are not touched. */
import type { Dirent } from "node:fs";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { buildLogName, LOG_FOLDER } from "../../components/image/sourceImage";
import { isConflict, isNotFound } from "../../engine/client";
import { TREES } from "../../releases/trees";
import { filesBelow, PROJECT } from "../local/paths";
import { reasonFor, sourceOf, taggedImages, type Needs } from "./images";

/** A tree is exported within seconds. If it is still partial after this time, the exporting program was killed. */
const PARTIAL_MS = 3_600_000;
const LOG = new RegExp(`^${PROJECT}-.*-[0-9a-f]{16}\\.log$`);

/** Something that takes disk space. */
export interface Found {
    readonly what: "image" | "source tree" | "build log" | "files of a run";
    readonly name: string;
    readonly bytes: number;
    /** The reason to keep it; undefined if it can be removed. */
    readonly needed?: string;
}

/** The images of an engine that this project built. */
export async function foundImages(engine: Docker, needs: Needs): Promise<Found[]> {
    const images = await taggedImages(engine);
    return images.map(({ tag, bytes, id }) => ({
        what: "image" as const,
        name: tag,
        bytes,
        needed: reasonFor(tag, id, needs),
    }));
}

/** The exported source trees of a checkout. */
export function foundTrees(checkout: string, needs: Needs, now = Date.now()): Found[] {
    return entries(join(checkout, TREES)).flatMap((entry) => {
        const path = join(entry.parentPath, entry.name);
        const isPartial = entry.name.includes(".");
        if (isPartial && now - statSync(path).mtimeMs < PARTIAL_MS) {
            return [];
        }
        return {
            what: "source tree" as const,
            name: entry.name,
            bytes: sizeOf(path),
            needed: needs.get(entry.name),
        };
    });
}

/** The build logs of a checkout. A log is needed as long as its image. */
export function foundLogs(checkout: string, needs: Needs): Found[] {
    const logs = new Map([...needs].map(([tag, reason]) => [buildLogName(sourceOf(tag)), reason]));
    return entries(join(checkout, LOG_FOLDER))
        .filter((entry) => entry.isFile() && LOG.test(entry.name))
        .map(({ name, parentPath }) => ({
            what: "build log" as const,
            name,
            bytes: sizeOf(join(parentPath, name)),
            needed: logs.get(name),
        }));
}

/**
 * Removes images. The engine refuses to remove an image that has come into use meanwhile.
 *
 * @param since milliseconds by the engine's clock. An image that got its name later belongs to an update
 */
export async function removeImages(engine: Docker, images: readonly Found[], since: number): Promise<void> {
    for (const { name } of images) {
        try {
            const image = engine.getImage(name);
            const { Id, Metadata } = (await image.inspect()) as Inspected;
            if (!(Date.parse(Metadata?.LastTagTime ?? "") >= since)) {
                await image.remove();
                await removeDigests(engine, Id);
            }
        } catch (error) {
            if (!isConflict(error) && !isNotFound(error)) {
                throw error;
            }
        }
    }
}

/** The part of an image's description that its removal needs. */
interface Inspected {
    readonly Id: string;
    readonly Metadata?: { readonly LastTagTime?: string };
    readonly RepoTags: readonly string[] | null;
    readonly RepoDigests: readonly string[] | null;
}

/** Removes the names by digest of an image that has no tag any more. It is on the disk as long as it has a name. */
async function removeDigests(engine: Docker, id: string): Promise<void> {
    try {
        const { RepoTags, RepoDigests } = (await engine.getImage(id).inspect()) as Inspected;
        for (const name of RepoTags?.length ? [] : (RepoDigests ?? [])) {
            await engine.getImage(name).remove();
        }
    } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) {
            throw error;
        }
    }
}

/**
 * Removes trees and logs of a checkout.
 *
 * @param since in milliseconds. A thing that was made or used later belongs to an update
 */
export function removeFiles(checkout: string, found: readonly Found[], since: number): void {
    const folders = {
        image: undefined,
        "files of a run": undefined,
        "source tree": TREES,
        "build log": LOG_FOLDER,
    };
    for (const { what, name } of found) {
        const folder = folders[what];
        const path = join(checkout, folder ?? "", name);
        const used = folder === undefined ? undefined : statSync(path, { throwIfNoEntry: false })?.mtimeMs;
        if (used !== undefined && used < since) {
            rmSync(path, { recursive: true, force: true });
        }
    }
}

function entries(folder: string): Dirent[] {
    return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
}

function sizeOf(path: string): number {
    const files = statSync(path).isDirectory() ? filesBelow(path) : [path];
    return files.reduce((sum, file) => sum + statSync(file).size, 0);
}
