import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import { z } from "zod";

import type { InsideHttp } from "../../engine/streams/insideHttp";
import type { Deployment } from "../stack/deployment";
import { insideRegistry } from "../registry/senders";
import { OLLAMA_PORT } from "./runSummary";

/** An Ollama answers within milliseconds. A firewall that swallows the question must not delay `up`. */
const SECONDS = 2;
/** Through this network, the engine's containers reach its host. */
const HOST_NETWORK = "docker_gwbridge";
const LOOPBACK = /^(localhost|127\..*|0\.0\.0\.0|\[::1?\])$/;

/** Ollama's answer about its models. */
const tags = z.object({ models: z.array(z.object({ name: z.string() })) });

/** An Ollama that can write the summary of a run, or the reason why there is none. */
export type Found = { url: string } | { none: string };

/**
 * Looks for an Ollama that answers and has the model. The question comes from inside the
 * stack's network, as the run's will. Nothing is pulled or started.
 */
export async function findOllama(
    deployment: Deployment,
    model: string,
    parent: pulumi.Resource,
): Promise<string | undefined> {
    const inside = await insideRegistry(deployment);
    const found =
        inside === undefined
            ? { none: "MLflow's container does not run, and nothing else can ask" }
            : await ollamaOf(inside, await addresses(deployment), model);
    if ("url" in found) {
        return found.url;
    }
    void pulumi.log.info(
        `summary.enabled: auto, and ${found.none}, so the run gets no summary (docs/observability.md)`,
        parent,
    );
    return undefined;
}

/** The first address with an answer decides. */
export async function ollamaOf(
    inside: Pick<InsideHttp, "tryRequest">,
    urls: readonly string[],
    model: string,
): Promise<Found> {
    for (const url of urls) {
        const answer = await inside.tryRequest({ url: `${url}/api/tags`, seconds: SECONDS });
        const names = answer?.status === 200 ? modelsOf(answer.body) : undefined;
        if (names !== undefined) {
            return names.some((name) => name === model || name === `${model}:latest`)
                ? { url }
                : { none: `Ollama at ${url} has no model ${model}: ollama pull ${model}` };
        }
    }
    return { none: `no Ollama answers at ${urls.join(" or ")}` };
}

function modelsOf(body: string): string[] | undefined {
    try {
        return tags.parse(JSON.parse(body)).models.map(({ name }) => name);
    } catch {
        return undefined;
    }
}

async function addresses({ engine, local }: Deployment): Promise<string[]> {
    return ollamaUrls(process.env.OLLAMA_HOST, local, await hostOf(engine));
}

/** The address by which the engine's containers reach its host. */
async function hostOf(engine: Docker): Promise<string | undefined> {
    try {
        const { IPAM } = await engine.getNetwork(HOST_NETWORK).inspect();
        return IPAM?.Config?.[0]?.Gateway;
    } catch {
        return undefined;
    }
}

/**
 * The addresses at which to ask for Ollama.
 *
 * @param given OLLAMA_HOST: `host`, `host:port` or an address
 * @param local whether the engine runs on this machine, to which the variable belongs
 * @param host the engine's host as containers reach it
 */
export function ollamaUrls(given: string | undefined, local: boolean, host: string | undefined): string[] {
    const hosts = host === undefined ? ["host.docker.internal"] : [host, "host.docker.internal"];
    const text = given === undefined || given === "" ? "127.0.0.1" : given.replace(/^:/, "127.0.0.1:");
    const address = /^https?:\/\//.test(text) ? text : `http://${text}`;
    if (!URL.canParse(address)) {
        return [];
    }
    const { protocol, hostname, port } = new URL(address);
    const isPortless = port === "" && address === text;
    const suffix = isPortless ? "" : `:${port === "" ? (/:80\b/.test(text) ? 80 : OLLAMA_PORT) : port}`;
    if (!LOOPBACK.test(hostname)) {
        return [`${protocol}//${hostname}${suffix}`];
    }
    // An Ollama of another machine is not for this stack.
    return local || given === undefined ? hosts.map((it) => `${protocol}//${it}${suffix}`) : [];
}
