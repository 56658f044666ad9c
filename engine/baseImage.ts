import type Docker from "dockerode";

import { short } from "../common/hashes";
import { isNotFound } from "./client";

/** Every image of the project is built on this image. Setup makes it, and `npm run patch` makes it anew. */
export const BASE_IMAGE = "seismic-mlops/base:trixie";

/**
 * Identifies the base image of an engine. An image with other packages has another
 * identity. Undefined while there is no base image.
 */
export async function baseIdentity(engine: Docker): Promise<string | undefined> {
    try {
        const { Id } = await engine.getImage(BASE_IMAGE).inspect();
        return short(Id.replace(/^sha256:/, ""));
    } catch (error) {
        if (isNotFound(error)) {
            return undefined;
        }
        throw error;
    }
}
