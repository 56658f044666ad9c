import type Docker from "dockerode";

import { short } from "../common/hashes";
import { existing } from "./client";

/** Every image of the project is built on this image. Setup makes it, and `npm run patch` makes it anew. */
export const BASE_IMAGE = "seismic-mlops/base:trixie";

/**
 * Identifies the base image of an engine. An image with other packages has another
 * identity. Undefined while there is no base image.
 */
export async function baseIdentity(engine: Docker): Promise<string | undefined> {
    const image = await existing(engine.getImage(BASE_IMAGE).inspect());
    return image && short(image.Id.replace(/^sha256:/, ""));
}
