import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../../config/load";
import { type Part, publicUrl } from "../../config/access";
import { publishedObservers } from "../../config/observability";
import { mistake } from "../../common/errors";
import { Candidate, checkPromotion, kept, ReleaseRecord, releaseRecords } from "../../releases/records";
import type { Release } from "../../releases/release";
import type { Deployment } from "../stack/deployment";
import type { Gateway } from "../gateway/gateway";
import { STATUS_PATH } from "../observing/statusPage";
import type { SourceImage } from "../image/sourceImage";
import type { SwarmService } from "../service/swarmService";
import type { TrainingResult } from "../training/trainingResult";

export interface ReleaseOutputsArgs {
    deployment: Deployment;
    config: StackConfig;
    release: Release;
    image: SourceImage;
    gateway: Gateway;
    model: pulumi.Output<TrainingResult>;
    /** The validated releases, this one first. */
    releases: pulumi.Output<ReleaseRecord[]>;
    /** Everything that must have been proven before the release counts. */
    services: { service: SwarmService }[];
}

type UrlOf = (part: Part, port: number) => string;

/** The alias of the version that serves, and of the one that was trained to take its place. */
export const CHAMPION = "champion";
export const CHALLENGER = "challenger";

/** The stack's outputs: the same in every stack, and known only once every service is proven. */
export function releaseOutputs(args: ReleaseOutputsArgs) {
    const { config, deployment, release, image, gateway } = args;
    const url: UrlOf = (part, port) => publicUrl(config.access, deployment.host, part, port);
    const services = pulumi.all(args.services.map(({ service }) => service.proven));
    const proven = pulumi.all([args.releases, services]);
    const after = <T>(value: pulumi.Input<T>) => pulumi.all([value, proven]).apply(([it]) => it);
    return {
        apiUrl: after(url("api", config.serving.port)),
        mlflowUrl: after(url("mlflow", config.mlflow.port)),
        ...Object.fromEntries(observerUrls(config, url).map(([name, url]) => [name, after(url)])),
        username: after(gateway.username),
        password: gateway.password,
        model: after(
            args.model.apply(({ version, sha256, metrics, runId }) => ({
                name: config.model.name,
                version,
                sha256,
                alias: CHAMPION,
                runId,
                metrics,
            })),
        ),
        release: after(
            args.model.apply(({ dataSha256, trainedAt }) => ({
                ref: release.ref,
                commit: release.commit,
                dirty: release.dirty,
                image: image.tag,
                dataSha256,
                at: trainedAt,
            })),
        ),
        releases: after(args.releases.apply(kept)),
    };
}

/**
 * The validated releases that a stack's outputs name, newest first.
 *
 * Asked of the engine as a StackReference would, but without becoming a resource: that would
 * copy all of the other stack's outputs, its password among them, into this stack's state.
 *
 * @returns undefined when there is no such stack
 * @throws a mistake when it cannot be told
 */
export async function releasesOf(stack: string): Promise<ReleaseRecord[] | undefined> {
    const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
    let outputs: Record<string, unknown>;
    try {
        const read: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
        ({ outputs } = read as { outputs: Record<string, unknown> });
    } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (isUnknownStack(said, name)) {
            return undefined;
        }
        throw mistake(`stack ${stack}: what it released cannot be read, so nothing is changed: ${said}`);
    }
    return releaseRecords(stack, outputs.releases);
}

/** Those of the stack that is brought up, which is there: no answer is not taken for a new stack. */
export async function ownReleases(stack: string): Promise<ReleaseRecord[]> {
    const releases = await releasesOf(stack);
    if (releases === undefined) {
        throw mistake(
            `stack ${stack}: Pulumi does not find it while it is brought up, so what it released is not known, ` +
                "and nothing is changed. Is the backend the one that it was made in (pulumi whoami -v)?",
        );
    }
    return releases;
}

/**
 * Whether Pulumi said that there is no stack of this full name, and not that something else was not found.
 * Source: Pulumi 3.245, backend/backend.go, backendClient.GetStackOutputs, whichever the backend is.
 */
export function isUnknownStack(said: string, name: string): boolean {
    return said.includes(`unknown stack "${name}"`);
}

/** Ends the program when the stack before has not validated the release; warns while there is no such stack. */
export async function refuseUnvalidated(
    stack: string,
    from: string,
    candidate: Candidate,
    own: ReleaseRecord[],
): Promise<void> {
    const theirs = from === stack ? own : await releasesOf(from);
    const warning = checkPromotion(stack, from, candidate, own, theirs, pulumi.runtime.isDryRun());
    if (warning !== undefined) {
        await pulumi.log.warn(warning);
    }
}

/** What observes the stack, by the names of the outputs. */
function observerUrls(config: StackConfig, url: UrlOf): [string, string][] {
    const status: [string, string] = ["statusUrl", `${url("api", config.serving.port)}${STATUS_PATH}`];
    const others = publishedObservers(config).map(({ role, port }): [string, string] => [
        `${role}Url`,
        url(role, port),
    ]);
    return config.statusPage ? [status, ...others] : others;
}
