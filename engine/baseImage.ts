import type Docker from "dockerode";

import { short } from "../common/hashes";
import { isNotFound } from "./client";

/** The image that every image of the project is built on; setup makes it, and `npm run patch` makes it anew. */
export const BASE_IMAGE = "seismic-mlops/base:trixie";

/** Identifies the base image that an engine has: with other packages it is another. Undefined where there is none yet. */
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
