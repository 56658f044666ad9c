import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";

import { BASE_IMAGE, baseIdentity } from "../../engine/baseImage";
import { knownDigest, named, RegistryFailed, registryProblem, stored } from "../../engine/registry";
import { followBuild } from "../../engine/streams/buildLog";
import { proxyArguments } from "../../engine/proxies";
import { mistake } from "../../common/mistake";
import { buildContext } from "../../releases/buildContext";
import { contextHash } from "../../releases/contextHash";
import { showProgress } from "../stack/progress";
import { refusePartial, refuseUpdate } from "../stack/wholeUpdate";
import type { ImageStore } from "../stack/imageStore";

/** The folder is relative to the project, like the context. An absolute path would be a change on another machine. */
export const LOG_FOLDER = "node_modules/.cache/seismic-mlops";

export interface SourceImageArgs {
    /** The build context, relative to the project: a folder with a Dockerfile. */
    context: string;
    /** The kit's folder, also relative, which the context has as `kit/`; only for a trainer that takes the kit. */
    kit?: string | undefined;
    /** The image's name without a tag: "seismic-mlops/trainer". */
    repository: string;
}

/** An image of the same source that was built before. */
export interface Promoted {
    /** Its name by digest in a registry that the engine reaches. It is used as it is, and nothing is built. */
    validated?: string | undefined;
}

/** The base on which an image is built. */
export interface Ground {
    /** Identifies the engine's base image and the packages in it; undefined while the engine has none. */
    readonly base?: string | undefined;
    /** Where the swarm's nodes find the images; undefined when images stay on the engine that builds them. */
    readonly images?: ImageStore | undefined;
}

/**
 * Finds the base image of an engine.
 *
 * @throws a mistake when an update finds no base image; a preview only warns, because it builds nothing
 */
export async function groundOf(engine: Docker): Promise<Pick<Ground, "base">> {
    const base = await baseIdentity(engine);
    if (base === undefined) {
        await refuseUpdate(
            mistake(
                `the engine has no image ${BASE_IMAGE}, on which all images are built (docker system prune removes it); ` +
                    "make it: npm run setup",
            ),
        );
    }
    return { base };
}

/**
 * An image built from a folder. Its tag is the hash of the folder's content and the identity of
 * the base image. The same content on the same base is the same image, and is not built again.
 */
export class SourceImage extends pulumi.ComponentResource {
    /**
     * `repository:hash-base`, or the name by digest in the stack's registry; unknown until the image is built, and
     * there.
     */
    readonly reference: pulumi.Output<string>;
    /** `repository:hash`, the identity of the source. The newest image of that source also has this name. */
    readonly tag: string;

    constructor(
        name: string,
        args: SourceImageArgs & Ground & Promoted,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("seismic:platform:SourceImage", name, {}, opts);
        this.tag = imageTag(args);
        const { images, validated, base } = args;
        const declared = validated ?? (base === undefined ? this.tag : `${this.tag}-${base}`);
        const building = validated === undefined ? this.building(args, base) : undefined;
        const image = new docker.RemoteImage(
            `${name}-build`,
            {
                name: declared,
                ...(building === undefined ? {} : { build: building.build }),
                // Rollbacks need old images, so a replace keeps them. A command that knows which images
                // are needed prunes the others.
                keepLocally: true,
            },
            { parent: this },
        );
        const there = image.name.apply((reference) => {
            building?.end();
            refusePartial(this, `the image ${this.tag}`, reference === declared);
            return reference;
        });
        this.reference = images === undefined ? there : this.storedIn(images, there, validated !== undefined);
        this.registerOutputs({ reference: this.reference });
    }

    /** How the image is built, and a function that ends the display of its progress. */
    private building({ context, kit }: SourceImageArgs, base: string | undefined) {
        const buildLogFile = `${LOG_FOLDER}/${buildLogName(this.tag)}`;
        return {
            build: {
                context: buildContext(context, kit),
                buildLogFile,
                ...proxies(),
                ...(base === undefined ? {} : { tags: [this.tag] }),
            },
            end: this.showBuild(buildLogFile),
        };
    }

    /** The image's name by digest, once it is in the registry. A preview knows what was there before. */
    private storedIn(
        images: ImageStore,
        built: pulumi.Output<string>,
        isPulled: boolean,
    ): pulumi.Output<string> {
        const { engine, address, pushAddress } = images;
        const reference = pulumi.all([built, images.login]).apply(async ([image, login]) => {
            const registry = { address, pushAddress, login };
            const isThere = image.startsWith(`${address}/`);
            if (pulumi.runtime.isDryRun()) {
                return isThere ? image : ((await knownDigest(engine, image, this.tag, registry)) ?? image);
            }
            if (isPulled) {
                // Commands look for an image by its source. A build has given it this name.
                await named(engine, image, this.tag);
            }
            if (isThere) {
                return image;
            }
            try {
                return await stored(engine, image, this.tag, registry, () =>
                    showProgress(this, "push to the registry"),
                );
            } catch (error) {
                throw error instanceof RegistryFailed ? registryProblem(image, error) : error;
            }
        });
        // The login is a secret, and the name is none.
        return pulumi.unsecret(reference);
    }

    private showBuild(buildLogFile: string): () => void {
        if (pulumi.runtime.isDryRun()) {
            return () => undefined;
        }
        return followBuild(buildLogFile, {
            step: (text) => showProgress(this, text),
            failed: (text) => void pulumi.log.error(text, this),
        });
    }
}

/** The machine's proxies; nothing when it has none. The addresses of proxies may hold a password. */
function proxies(): { buildArgs?: pulumi.Output<Record<string, string>> } {
    const found = proxyArguments();
    return Object.keys(found).length === 0 ? {} : { buildArgs: pulumi.secret(found) };
}

/** `repository:hash` for the image that a folder makes. */
export function imageTag({ context, kit, repository }: SourceImageArgs): string {
    return `${repository}:${contextHash(context, kit)}`;
}

/** The name of the log that the build of an image writes. */
export function buildLogName(tag: string): string {
    return `${tag.replace(/[/:]/g, "-")}.log`;
}

/** The image of one of the platform's own services: images/NAME. */
export function platformImage(
    name: string,
    service: string,
    { base, images }: Ground,
    parent: pulumi.Resource,
): SourceImage {
    const args = { context: `images/${service}`, repository: `seismic-mlops/${service}`, base, images };
    return new SourceImage(name, args, { parent });
}
