/**
 * Images in a registry that the nodes of a swarm pull from.
 * Source: Engine API, "Push an image" and "Get image information from the registry",
 * https://docs.docker.com/reference/api/engine/
 */
import type Docker from "dockerode";

import { mistake } from "../common/mistake";
import { existing, isNotFound } from "./client";
import { followProgress } from "./streams/progress";

/** Who signs in at a registry. */
export interface Login {
    readonly username: string;
    readonly password: string;
}

/** A registry, as the engines see it. */
export interface Registry {
    /** Begins the names of images there: "registry.example.org/team". */
    readonly address: string;
    /** Begins their names in a push, if that goes to another address. */
    readonly pushAddress?: string | undefined;
    readonly login?: Login | undefined;
}

/** A registry that does not answer, or does not let this login in. The message is the engine's. */
export class RegistryFailed extends Error {}

/** The engine asks the registry for this name. No image has it. */
const NOBODY = "seismic-mlops/nothing:none";

/**
 * Checks that an engine reaches a registry and may read there.
 *
 * @throws RegistryFailed when it does not
 */
export async function askRegistry(engine: Docker, { address, login }: Registry): Promise<void> {
    await isThere(engine, `${address}/${NOBODY}`, login);
}

/**
 * The name by digest that an image of the engine has in a registry, as far as the engine knows.
 *
 * @param image any name of the image on the engine
 * @param tag its name in the registry, without the registry's address: "seismic-mlops/trainer:1a2b"
 * @returns undefined when the engine has no such image, or never pulled it by this name
 */
export async function knownDigest(
    engine: Docker,
    image: string,
    tag: string,
    { address }: Pick<Registry, "address">,
): Promise<string | undefined> {
    const found = await existing(engine.getImage(image).inspect());
    const digests = found?.RepoDigests as string[] | null | undefined;
    return digests?.find((it) => it.startsWith(`${address}/${repositoryOf(tag)}@`));
}

/**
 * Puts an image of the engine into a registry, unless it is there.
 *
 * @param image any name of the image on the engine
 * @param tag its name in the registry, without the registry's address
 * @param report is called when a push begins
 * @returns the image's name by digest, by which this engine knows it too
 * @throws RegistryFailed when the registry does not take it
 */
export async function stored(
    engine: Docker,
    image: string,
    tag: string,
    registry: Registry,
    report: () => void,
): Promise<string> {
    const known = await knownDigest(engine, image, tag, registry);
    if (known !== undefined && (await isThere(engine, known, registry.login))) {
        return known;
    }
    report();
    const { address, pushAddress = address, login } = registry;
    const repository = repositoryOf(tag);
    const name = `${pushAddress}/${tag}`;
    await named(engine, image, name);
    const digest = await push(engine, name, login);
    // The engine forgets a name by digest with the last tag of its repository, so the tag goes first.
    await engine.getImage(name).remove();
    const reference = `${address}/${repository}@${digest}`;
    await pulled(engine, reference, login);
    return reference;
}

/** Gives an image of the engine another name. */
export async function named(engine: Docker, image: string, tag: string): Promise<void> {
    const repository = repositoryOf(tag);
    await engine.getImage(image).tag({ repo: repository, tag: tag.slice(repository.length + 1) });
}

/**
 * Pulls an image by its name. What the engine has already is not fetched again.
 *
 * @throws RegistryFailed when the registry does not give it
 */
export async function pulled(engine: Docker, reference: string, login: Login | undefined): Promise<void> {
    await told(reference, async () =>
        followProgress(
            engine,
            await engine.pull(reference, { authconfig: authOf(reference, login) }),
            () => undefined,
        ),
    );
}

/** Whether a registry has an image. */
async function isThere(engine: Docker, reference: string, login: Login | undefined): Promise<boolean> {
    return told(reference, async () => {
        try {
            await engine.getImage(reference).distribution({ authconfig: authOf(reference, login) });
            return true;
        } catch (error) {
            if (isNotFound(error) || UNKNOWN.test(String(error))) {
                return false;
            }
            throw error;
        }
    });
}

/** Registries answer so for a name that no image has. Engines pass it on with another status each. */
const UNKNOWN = /manifest unknown|name unknown|not found|no such manifest/i;

/** A report of a push. The last one has the digest. */
interface Pushed {
    readonly error?: string;
    readonly aux?: { readonly Digest?: string };
}

/** Pushes a tag, and returns its digest. */
async function push(engine: Docker, tag: string, login: Login | undefined): Promise<string> {
    return told(tag, async () => {
        const stream = await engine.getImage(tag).push({ authconfig: authOf(tag, login) });
        let digest: string | undefined;
        await followProgress(engine, stream, ({ aux }: Pushed) => (digest ??= aux?.Digest));
        if (digest === undefined) {
            throw new Error("the engine told no digest of what it pushed");
        }
        return digest;
    });
}

async function told<T>(reference: string, ask: () => Promise<T>): Promise<T> {
    try {
        return await ask();
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new RegistryFailed(`${reference}: ${reason}`);
    }
}

function authOf(reference: string, login: Login | undefined) {
    // With an empty login, the engine asks without one.
    const serveraddress = reference.split("/", 1)[0]!;
    return { username: "", password: "", ...login, serveraddress };
}

/** A tag's name without its last part. */
function repositoryOf(tag: string): string {
    return tag.slice(0, tag.lastIndexOf(":"));
}

/** The failure of a registry as a person reads it. */
export function registryProblem(what: string, error: RegistryFailed): Error {
    return mistake(`${what}: the registry does not answer as it should: ${error.message}`);
}
