/** The images of this project on an engine, and the reasons why they are needed. */
import { basename } from "node:path";
import type Docker from "dockerode";
import { short } from "../../common/hashes";
import { isServiceOf, type Owner } from "../../components/stack/deployment";
import { TREES } from "../../releases/trees";
import { PROJECT } from "../local/paths";
import { releasesIn, type StackState } from "../stack/exportedState";

const IMAGE_TYPE = "docker:index/remoteImage:RemoteImage";
/**
 * The tag of an image that a stack builds has the hash of its content. The base image's tag has none, and every build
 * needs the base image.
 */
const TAG = new RegExp(`^${PROJECT}/[^:]+:[0-9a-f]{16}(-[0-9a-f]{12})?$`);
/** The part of a tag after the hash of the source: the base image that it was built on. */
const BASE = /(?<=:[0-9a-f]{16})-[0-9a-f]{12}$/;

/** The needed things and the reasons. An image is named by its tag or id, a source tree by its name. */
export type Needs = ReadonlyMap<string, string>;

export interface TaggedImage {
    readonly tag: string;
    readonly id: string;
    /** The part that the image shares with no other image. */
    readonly bytes: number;
}

export async function taggedImages(engine: Docker): Promise<TaggedImage[]> {
    // The list of images has shared sizes only from Engine API 1.42 on.
    const { Images } = (await engine.df()) as { Images: Docker.ImageInfo[] | null };
    return (Images ?? []).flatMap(({ Id, Size, SharedSize, RepoTags }) =>
        (RepoTags ?? [])
            .filter((tag) => TAG.test(tag))
            .map((tag) => ({ tag, id: Id, bytes: Size - Math.max(SharedSize, 0) })),
    );
}

/**
 * The things that the state of a stack names: its images, the images of releases that it can go back to, and its
 * source tree.
 */
export function neededByStack(stack: string, state: StackState): [string, string][] {
    const { resources } = state.deployment;
    if (resources.length === 0) {
        return [];
    }
    const declared = resources
        .filter(({ type }) => type === IMAGE_TYPE)
        .flatMap(({ inputs }): [string, string][] => {
            const { name, build } = inputs as { name: string; build?: { context?: string } };
            const context = build?.context ?? "";
            const tree: [string, string][] = context.startsWith(`${TREES}/`)
                ? [[basename(context), `what ${stack} runs`]]
                : [];
            return [[name, `what ${stack} runs`], ...tree];
        });
    const released = releasesIn(stack, state).map(({ image, commit }): [string, string] => [
        image,
        `release ${short(commit)} of ${stack}`,
    ]);
    return [...declared, ...released];
}

/**
 * The things that containers and services of an engine use, whoever made them: images, and source trees that they
 * mount.
 */
export async function neededByEngine(engine: Docker): Promise<[string, string][]> {
    const [containers, services, images] = await Promise.all([
        engine.listContainers({ all: true }),
        engine.listServices(),
        engine.listImages(),
    ]);
    const byDigest = new Map(
        images.flatMap(({ Id, RepoDigests }) => (RepoDigests ?? []).map((it) => [it, Id])),
    );
    return [
        ...containers.flatMap(({ Image, ImageID, Names, Mounts }) => {
            const reason = `container ${Names[0]?.replace(/^\//, "") ?? ""}`;
            const trees = Mounts.map(({ Source }) => treeOf(Source));
            return [Image, ImageID, ...trees].map((it): [string, string] => [it, reason]);
        }),
        ...(services as (Docker.Service & { PreviousSpec?: Docker.ServiceSpec })[]).flatMap((service) =>
            // When an update fails, the engine goes back to the previous spec.
            [service.Spec, service.PreviousSpec].flatMap((spec) => {
                const { ContainerSpec } = (spec?.TaskTemplate ?? {}) as Docker.ContainerTaskSpec;
                const trees = (ContainerSpec?.Mounts ?? []).map(({ Source }) => treeOf(Source ?? ""));
                const { Image = "" } = ContainerSpec ?? {};
                // An image from a registry is named by its digest alone.
                const named = byDigest.get(Image) ?? Image.split("@", 1)[0]!;
                return [named, ...trees].map((it): [string, string] => [it, `service ${service.Spec?.Name}`]);
            }),
        ),
    ].filter(([it]) => it !== "");
}

/** The name of the tree that contains a mounted folder; empty when no tree does. */
function treeOf(source: string): string {
    const [, below] = source.split(`${TREES}/`);
    return below?.split("/", 1)[0] ?? "";
}

/** `repository:hash` of an image, without its base. */
export function sourceOf(tag: string): string {
    return tag.replace(BASE, "");
}

/** The reason why an image is needed: by its own tag, by the source of a release on any base, or by its id. */
export function reasonFor(tag: string, id: string, all: Needs): string | undefined {
    return all.get(tag) ?? all.get(sourceOf(tag)) ?? all.get(id);
}

/** The first given reason for each thing. */
export function needs(all: readonly (readonly [string, string])[]): Needs {
    return new Map([...all].reverse());
}

/** An image of this project in a registry. */
const IN_REGISTRY = new RegExp(`/${PROJECT}/[^:@]+@sha256:`);

/** The images of this project that a stack's services run, by names that the engine knows. */
export async function servedImages(engine: Docker, owner: Owner): Promise<string[]> {
    const services = await engine.listServices();
    const own = services.filter(({ Spec }) => isServiceOf(owner, Spec ?? {}));
    const images = own.map(({ Spec }) => {
        const { ContainerSpec } = (Spec?.TaskTemplate ?? {}) as Docker.ContainerTaskSpec;
        const { Image = "" } = ContainerSpec ?? {};
        return IN_REGISTRY.test(Image) ? Image : Image.split("@", 1)[0]!;
    });
    return [...new Set(images)].filter((image) => TAG.test(image) || IN_REGISTRY.test(image)).sort();
}
