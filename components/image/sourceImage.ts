import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";

import { BASE_IMAGE, baseIdentity } from "../../engine/baseImage";
import { followBuild } from "../../engine/streams/buildLog";
import { proxyArguments } from "../../engine/proxies";
import { mistake } from "../../common/mistake";
import { buildContext } from "../../releases/buildContext";
import { contextHash } from "../../releases/contextHash";
import { showProgress } from "../stack/progress";
import { refusePartial } from "../stack/wholeUpdate";

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

/** The base on which an image is built. */
export interface Ground {
    /** Identifies the engine's base image and the packages in it; undefined while the engine has none. */
    readonly base?: string | undefined;
}

/**
 * Finds the base image of an engine.
 *
 * @throws a mistake when an update finds no base image; a preview only warns, because it builds nothing
 */
export async function groundOf(engine: Docker): Promise<Ground> {
    const base = await baseIdentity(engine);
    if (base === undefined) {
        const problem =
            `the engine has no image ${BASE_IMAGE}, on which all images are built (docker system prune removes it); ` +
            "make it: npm run setup";
        if (!pulumi.runtime.isDryRun()) {
            throw mistake(problem);
        }
        await pulumi.log.warn(problem);
    }
    return { base };
}

/**
 * An image built from a folder. Its tag is the hash of the folder's content and the identity of
 * the base image. The same content on the same base is the same image, and is not built again.
 */
export class SourceImage extends pulumi.ComponentResource {
    /** `repository:hash-base`; unknown until the image is built. */
    readonly reference: pulumi.Output<string>;
    /** `repository:hash`, the identity of the source. The newest image of that source also has this name. */
    readonly tag: string;

    constructor(name: string, args: SourceImageArgs & Ground, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:SourceImage", name, {}, opts);
        this.tag = imageTag(args);
        const declared = args.base === undefined ? this.tag : `${this.tag}-${args.base}`;
        const buildLogFile = `${LOG_FOLDER}/${buildLogName(this.tag)}`;
        const end = this.showBuild(buildLogFile);
        const image = new docker.RemoteImage(
            `${name}-build`,
            {
                name: declared,
                build: {
                    context: buildContext(args.context, args.kit),
                    buildLogFile,
                    ...proxies(),
                    ...(args.base === undefined ? {} : { tags: [this.tag] }),
                },
                // Rollbacks need old images, so a replace keeps them. A command that knows which images
                // are needed prunes the others.
                keepLocally: true,
            },
            { parent: this },
        );
        this.reference = image.name.apply((reference) => {
            end();
            refusePartial(this, `the image ${this.tag}`, reference === declared);
            return reference;
        });
        this.registerOutputs({ reference: this.reference });
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
    { base }: Ground,
    parent: pulumi.Resource,
): SourceImage {
    const args = { context: `images/${service}`, repository: `seismic-mlops/${service}`, base };
    return new SourceImage(name, args, { parent });
}
