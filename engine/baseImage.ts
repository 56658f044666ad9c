import type Docker from "dockerode";

import { isNotFound } from "./client";

/** The image that every image of the project is built on; setup makes it, and `npm run patch` makes it anew. */
export const BASE_IMAGE = "seismic-mlops/base:trixie";
const SHORT = 12;

/** Identifies the base image that an engine has: with other packages it is another. Undefined where there is none yet. */
export async function baseIdentity(engine: Docker): Promise<string | undefined> {
    try {
        const { Id } = await engine.getImage(BASE_IMAGE).inspect();
        return Id.replace(/^sha256:/, "").slice(0, SHORT);
    } catch (error) {
        if (isNotFound(error)) {
            return undefined;
        }
        throw error;
    }
}
