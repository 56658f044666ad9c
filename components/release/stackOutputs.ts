import * as pulumi from "@pulumi/pulumi";

import type { Role } from "../../config/access/roles";
import type { StackConfig } from "../../config/schema";
import { type Part, publicUrl } from "../../config/access/access";
import { publishedObservers } from "../../config/observability";
import { BACKUP_KEY_OUTPUT } from "../backup/backupKey";
import { CHAMPION } from "../../contract/names";
import { kept, type ReleaseRecord } from "../../releases/records";
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
    /** Roles by user, once a change of them is written down. */
    users: pulumi.Output<Record<string, Role>>;
    model: pulumi.Output<TrainingResult>;
    /** The key that seals the stack's backups. */
    backupKey: pulumi.Output<string>;
    /** The validated releases, this one first. */
    releases: pulumi.Output<ReleaseRecord[]>;
    /** All services that must be proven before the release counts. */
    services: { service: SwarmService }[];
}

type UrlOf = (part: Part, port: number) => string;

/** The stack's outputs. Every stack has the same outputs, and they are known only once every service is proven. */
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
        users: after(args.users),
        passwords: gateway.passwords,
        ...(gateway.certificate === undefined ? {} : { certificate: after(gateway.certificate) }),
        [BACKUP_KEY_OUTPUT]: args.backupKey,
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

/** The addresses of the stack's observers, by the names of the outputs. */
function observerUrls(config: StackConfig, url: UrlOf): [string, string][] {
    const status: [string, string] = ["statusUrl", `${url("api", config.serving.port)}${STATUS_PATH}`];
    const others = publishedObservers(config).map(({ role, port }): [string, string] => [
        `${role}Url`,
        url(role, port),
    ]);
    return config.statusPage ? [status, ...others] : others;
}
