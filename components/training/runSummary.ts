import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../../config/schema";
import type { Given, TrainingVariable } from "../../contract/names";
import { parseSeconds } from "../../common/units";
import type { Deployment } from "../stack/deployment";
import { durableVolume } from "../service/durableVolume";
import { SwarmService } from "../service/swarmService";
import { oneAtATime } from "../service/oneAtATime";
import { APP_USER } from "../service/users";

const ROLE = "ollama";
/** Ollama's default port. */
export const OLLAMA_PORT = 11434;
/** Any user may write to this folder. The engine gives a new volume the permissions of the folder below its mount. */
const MODELS_FOLDER = "/var/tmp";
/** This name differs from the old volume's, which belongs to root. */
const MODELS_ROLE = "ollama-models";

export interface RunSummaryArgs {
    deployment: Deployment;
    config: StackConfig["summary"];
    network: pulumi.Input<string>;
}

/**
 * Ollama, which writes the summary of each training run. It is not published, because its
 * API pulls and deletes models. The models are on a volume that outlives the stack.
 */
export class RunSummary extends pulumi.ComponentResource {
    readonly service: SwarmService;

    constructor(name: string, args: RunSummaryArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:RunSummary", name, {}, opts);
        const { deployment, config } = args;
        const models = durableVolume(`${name}-models-volume`, deployment, MODELS_ROLE, this);
        if (deployment.environment === "prod") {
            // The volume of an earlier program, to which root wrote. It is protected, so Pulumi would
            // refuse to remove it.
            durableVolume(`${name}-models`, deployment, ROLE, this);
        }
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: ROLE,
                network: args.network,
                image: config.image,
                user: APP_USER,
                command: ["ollama", "serve"],
                env: {
                    HOME: MODELS_FOLDER,
                    OLLAMA_HOST: `0.0.0.0:${OLLAMA_PORT}`,
                    OLLAMA_MODELS: `${MODELS_FOLDER}/models`,
                },
                mounts: [{ kind: "volume", volume: models.name, target: MODELS_FOLDER }],
                limits: config.limits,
                // The image has no other client.
                ...oneAtATime(["ollama", "list"]),
            },
            { parent: this },
        );
        if (config.port !== undefined) {
            void pulumi.log.warn(
                "summary.port: without effect, as nothing of Ollama is published; take it away",
                this,
            );
        }
        this.registerOutputs({});
    }
}

/**
 * The contract's variables for the summary by the stack's own Ollama: docs/trainer-contract.md. They
 * are no output of the service, because a run does not wait for Ollama, and goes on without it.
 */
export function summaryVariables({ summary }: StackConfig): Record<string, string> {
    return summary.enabled === true ? summaryBy(summary, `http://${ROLE}:${OLLAMA_PORT}`) : {};
}

/** The contract's variables for the summary by an Ollama at an address. */
export function summaryBy(summary: StackConfig["summary"], url: string): Record<string, string> {
    return {
        SUMMARY_MODEL: summary.model,
        SUMMARY_TIMEOUT: String(parseSeconds(summary.timeout)!),
        SUMMARY_URL: url,
    } satisfies Given<TrainingVariable>;
}
