import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../config";
import { parseSeconds } from "../units";
import type { Deployment } from "./deployment";
import { durableVolume } from "./durableVolume";
import { Endpoint, singleEndpoint } from "./haproxy";
import { PLATFORM_START_SECONDS } from "./healthcheck";
import { SwarmService } from "./swarmService";

const ROLE = "ollama";
const PORT = 11434;

export interface RunSummaryArgs {
    deployment: Deployment;
    config: StackConfig["summary"];
    network: pulumi.Input<string>;
}

/** Ollama, which writes the summary of each training run. Its models lie on a volume that outlives the stack. */
export class RunSummary extends pulumi.ComponentResource {
    readonly service: SwarmService;

    constructor(name: string, args: RunSummaryArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:RunSummary", name, {}, opts);
        const { deployment, config } = args;
        const models = durableVolume(`${name}-models`, deployment, ROLE, this);
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: ROLE,
                network: args.network,
                image: config.image,
                // Its image has no other user who may write below /root (docs/policies.md).
                user: "root",
                command: ["ollama", "serve"],
                env: { OLLAMA_HOST: `0.0.0.0:${PORT}` },
                mounts: [{ kind: "volume", volume: models.name, target: "/root/.ollama" }],
                replicas: 1,
                limits: config.limits,
                // Its image holds no other client.
                healthcheck: { test: ["ollama", "list"], startSeconds: PLATFORM_START_SECONDS },
                order: "stop-first",
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

/**
 * The contract's variables for the summary: docs/trainer-contract.md. Not an
 * output of the service: a run does not wait for it, and goes on without it.
 */
export function summaryVariables({ summary }: StackConfig): Record<string, string> {
    return summary.enabled
        ? {
              SUMMARY_MODEL: summary.model,
              SUMMARY_TIMEOUT: String(parseSeconds(summary.timeout)!),
              SUMMARY_URL: `http://${ROLE}:${PORT}`,
          }
        : {};
}

/** Ollama's API on the gateway, where it is. */
export function summaryEndpoints({ summary }: StackConfig): Endpoint[] {
    return summary.enabled ? [singleEndpoint(ROLE, summary.port, PORT, { check: "/api/version" })] : [];
}
