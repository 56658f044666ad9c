import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";

import type { RegistryConfig } from "../../config/registry/registry";
import type { RegistryLogin } from "../../config/registry/login";
import type { SourceImageArgs } from "../image/sourceImage";
import type { ImageStore } from "../stack/imageStore";
import { refuseUpdate } from "../stack/wholeUpdate";
import { askRegistry, RegistryFailed, registryProblem } from "../../engine/registry";

/** The registry that exists; undefined when the configuration names none. */
export function givenStore(
    engine: Docker,
    { address }: RegistryConfig,
    { registryLogin }: { registryLogin?: RegistryLogin | undefined },
): ImageStore | undefined {
    return address === undefined ? undefined : { engine, address, login: pulumi.secret(registryLogin) };
}

/** The physical role of the doors through which nodes reach the stack's own registry. */
export const IMAGE_DOOR_ROLE = "image-door";

/**
 * The source of the doors' image. Its name is the one that it would have in the registry, so that a node finds a newer
 * one through the door that it has.
 */
export function doorSource(config: RegistryConfig): SourceImageArgs {
    const repository = `${ownAddress(config)}/seismic-mlops/${IMAGE_DOOR_ROLE}`;
    return { context: `images/${IMAGE_DOOR_ROLE}`, repository };
}

/** Begins the names of images in the stack's own registry. Engines trust this address without a certificate. */
export function ownAddress({ port }: RegistryConfig): string {
    return `127.0.0.1:${port}`;
}

/**
 * Checks that a registry that exists answers, before anything is changed. A preview changes nothing, so there it is a
 * warning. The stack's own registry is not asked: an update may be what mends it.
 *
 * @throws a mistake with the engine's reason
 */
export async function refuseAway(
    engine: Docker,
    { address }: RegistryConfig,
    { registryLogin: login }: { registryLogin?: RegistryLogin | undefined },
): Promise<void> {
    if (address === undefined) {
        return;
    }
    try {
        await askRegistry(engine, { address, login });
    } catch (error) {
        if (!(error instanceof RegistryFailed)) {
            throw error;
        }
        await refuseUpdate(registryProblem("registry.address", error));
    }
}
