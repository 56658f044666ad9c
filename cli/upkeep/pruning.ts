/** What this project has left on a disk that nothing needs any more. Volumes are not looked at. */
import type { Dirent } from "node:fs";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { buildLogName, LOG_FOLDER } from "../../components/image/sourceImage";
import { isConflict, isNotFound } from "../../engine/client";
import { TREES } from "../../releases/trees";
import { filesBelow, PROJECT } from "../local/paths";
import { reasonFor, sourceOf, taggedImages, type Needs } from "./images";

/** A tree is exported within seconds; one that is still partial after this long was left by a program that was killed. */
const PARTIAL_MS = 3_600_000;
const LOG = new RegExp(`^${PROJECT}-.*-[0-9a-f]{16}\\.log$`);

/** Something that takes room. */
export interface Found {
    readonly what: "image" | "source tree" | "build log" | "files of a run";
    readonly name: string;
    readonly bytes: number;
    /** Why it stays; undefined for what goes. */
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

/** The build logs of a checkout; one is needed as long as its image is. */
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
 * Removes images, but not one that came into use meanwhile: the engine refuses that.
 *
 * @param since by the engine's clock, in milliseconds: one that was given its name later is what an update made
 */
export async function removeImages(engine: Docker, images: readonly Found[], since: number): Promise<void> {
    for (const { name } of images) {
        try {
            const image = engine.getImage(name);
            const { Metadata } = (await image.inspect()) as { Metadata?: { LastTagTime?: string } };
            if (!(Date.parse(Metadata?.LastTagTime ?? "") >= since)) {
                await image.remove();
            }
        } catch (error) {
            if (!isConflict(error) && !isNotFound(error)) {
                throw error;
            }
        }
    }
}

/**
 * Removes trees and logs of a checkout.
 *
 * @param since in milliseconds: what was made or used later is an update's
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
