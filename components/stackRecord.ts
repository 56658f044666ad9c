import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../config";
import type { Release } from "../source/release";
import type { Gateway } from "./gateway";
import type { SourceImage } from "./sourceImage";
import type { SwarmService } from "./swarmService";
import type { TrainingResult } from "./trainingResult";

export interface ReleaseOutputsArgs {
    config: StackConfig;
    release: Release;
    image: SourceImage;
    gateway: Gateway;
    model: pulumi.Output<TrainingResult>;
    /** Everything that must have been proven before the release counts. */
    services: { service: SwarmService }[];
}

/** The stack's outputs: the same in every stack, and known only once every service is proven. */
export function releaseOutputs(args: ReleaseOutputsArgs) {
    const { config, release, image, gateway } = args;
    const proven = pulumi.all(args.services.map(({ service }) => service.proven));
    const after = <T>(value: pulumi.Input<T>) => pulumi.all([value, proven]).apply(([it]) => it);
    return {
        apiUrl: after(localUrl(config.serving.port)),
        mlflowUrl: after(localUrl(config.mlflow.port)),
        username: after(gateway.username),
        password: gateway.password,
        model: after(
            args.model.apply(({ version, sha256, alias, metrics, runId }) => ({
                name: config.model.name,
                version,
                sha256,
                alias,
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
    };
}

/** What this stack's last successful update released, read from its own outputs. */
export function previousRelease(): pulumi.Output<TrainingResult | undefined> {
    const self = new pulumi.StackReference("self", {
        name: `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`,
    });
    return pulumi.all([self.getOutput("model"), self.getOutput("release")]).apply(([model, release]) => {
        if (model === undefined || release === undefined) {
            return undefined;
        }
        const { version, sha256, alias, metrics, runId } = model as TrainingResult;
        const { dataSha256, at } = release as { dataSha256: string; at: string };
        return { version, sha256, alias, metrics, runId, dataSha256, trainedAt: at, reproduced: true };
    });
}

function localUrl(port: number): string {
    return `http://localhost:${port}`;
}
