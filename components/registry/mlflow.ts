import { z } from "zod";

import { parseJson } from "../../common/json";
import { NoAnswer, type InsideRequest, type Sender } from "../../engine/streams/insideHttp";

/** MLflow's own address in its container. The requests are sent from there. */
export const MLFLOW = "http://127.0.0.1:5000";
const API = `${MLFLOW}/api/2.0/mlflow`;
const ARTIFACTS = `${MLFLOW}/api/2.0/mlflow-artifacts/artifacts`;
const NOT_FOUND = 404;

/** Tags, by their names. */
export const tagMap = z
    .array(z.object({ key: z.string(), value: z.string() }))
    .default([])
    .transform((list) => new Map(list.map(({ key, value }) => [key, value])));

const version = z.object({
    version: z.string(),
    current_stage: z.string().default("None"),
    status: z.string().default("READY"),
    tags: tagMap,
});

const found = z.object({ model_version: version });

/** A version of a registered model, in MLflow's answer. */
export type RegisteredVersion = z.infer<typeof version>;

/** A run, as far as its versions are asked about it. */
export interface KnownRun {
    readonly status: string;
    readonly tags: ReadonlyMap<string, string>;
}

/** MLflow refused a request. */
export class RegistryRefused extends Error {}

/**
 * One registered model in an environment's MLflow.
 * Source of its calls: MLflow REST API, https://mlflow.org/docs/latest/api_reference/rest-api.html
 *
 * Every method throws NoAnswer when MLflow does not answer, RegistryRefused when it refuses.
 */
export class RegisteredModel {
    constructor(
        private readonly http: Sender,
        private readonly name: string,
    ) {}

    /** One version of the model; undefined when there is none. */
    async version(number: string): Promise<RegisteredVersion | undefined> {
        const query = new URLSearchParams({ name: this.name, version: number });
        const answer = await this.ask("GET", `model-versions/get?${query.toString()}`);
        return answer === undefined ? undefined : found.parse(answer).model_version;
    }

    /** The address of a version's files. */
    async filesOf(number: string): Promise<string> {
        const query = new URLSearchParams({ name: this.name, version: number });
        const answer = await this.ask("GET", `model-versions/get-download-uri?${query.toString()}`);
        return z.object({ artifact_uri: z.string() }).parse(answer).artifact_uri;
    }

    /** The model's own tags; none when there is no such model. */
    async tags(): Promise<Map<string, string>> {
        const query = new URLSearchParams({ name: this.name });
        const answer = await this.ask("GET", `registered-models/get?${query.toString()}`);
        const schema = z.object({ registered_model: z.object({ tags: tagMap }) });
        return answer === undefined ? new Map() : schema.parse(answer).registered_model.tags;
    }

    /** The version with an alias; undefined when no version has it. */
    async aliased(alias: string): Promise<RegisteredVersion | undefined> {
        const query = new URLSearchParams({ name: this.name, alias });
        const answer = await this.ask("GET", `registered-models/alias?${query.toString()}`);
        return answer === undefined ? undefined : found.parse(answer).model_version;
    }

    /**
     * The newest version with a stage; undefined when no version has it. Loading a model by
     * the stage's name loads this version.
     */
    async newestIn(stage: string): Promise<string | undefined> {
        const body = { name: this.name, stages: [stage] };
        const answer = await this.ask("POST", "registered-models/get-latest-versions", body);
        const schema = z.object({ model_versions: z.array(version).default([]) });
        return schema.parse(answer).model_versions[0]?.version;
    }

    async setAlias(alias: string, number: string): Promise<void> {
        await this.ask("POST", "registered-models/alias", { name: this.name, alias, version: number });
    }

    async deleteAlias(alias: string): Promise<void> {
        await this.ask("DELETE", "registered-models/alias", { name: this.name, alias });
    }

    /** Gives a version a stage. The versions that had the stage are archived. */
    async setStage(number: string, stage: string): Promise<void> {
        await this.ask("POST", "model-versions/transition-stage", {
            name: this.name,
            version: number,
            stage,
            archive_existing_versions: true,
        });
    }

    /** Sets a tag of the model itself. */
    async setTag(key: string, value: string): Promise<void> {
        await this.ask("POST", "registered-models/set-tag", { name: this.name, key, value });
    }

    /** Sets a tag of one version. */
    async setVersionTag(number: string, key: string, value: string): Promise<void> {
        await this.ask("POST", "model-versions/set-tag", { name: this.name, version: number, key, value });
    }

    /** A run's status and tags; undefined when there is no such run. */
    async run(runId: string): Promise<KnownRun | undefined> {
        const query = new URLSearchParams({ run_id: runId });
        const answer = await this.ask("GET", `runs/get?${query.toString()}`);
        const schema = z.object({
            run: z.object({
                info: z.object({ status: z.string() }),
                data: z.object({ tags: tagMap }),
            }),
        });
        if (answer === undefined) {
            return undefined;
        }
        const { info, data } = schema.parse(answer).run;
        return { status: info.status, tags: data.tags };
    }

    /** The text of an artifact of a run; undefined when the run has no artifact of this name. */
    async artifact(runId: string, path: string): Promise<string | undefined> {
        const query = new URLSearchParams({ run_uuid: runId, path });
        const { status, body } = await this.http.request({
            url: `${MLFLOW}/get-artifact?${query.toString()}`,
        });
        if (status === 200) {
            return body;
        }
        if (status === NOT_FOUND || /No such (file|artifact)/i.test(body)) {
            return undefined;
        }
        throw new RegistryRefused(`MLflow does not give ${path} of run ${runId} (${status}): ${body}`);
    }

    private ask(method: "GET" | "POST" | "DELETE", path: string, json?: unknown): Promise<unknown> {
        return askMlflow(this.http, method, path, json);
    }
}

/**
 * Asks MLflow's REST API.
 *
 * @param path the path below the API's address, with its query
 * @returns undefined when the thing to read or to delete does not exist
 * @throws NoAnswer when MLflow does not answer, RegistryRefused when it refuses
 */
export async function askMlflow(
    http: Sender,
    method: NonNullable<InsideRequest["method"]>,
    path: string,
    json?: unknown,
): Promise<unknown> {
    const { status, body } = await http.request({ method, url: `${API}/${path}`, json });
    if (status === 200) {
        return JSON.parse(body || "{}");
    }
    const { error_code, message } = parseError(body);
    // For MLflow, an alias that does not exist is an invalid value.
    const isMissing = error_code === "RESOURCE_DOES_NOT_EXIST" || /alias .* not found/i.test(message);
    if (isMissing && method !== "POST") {
        return undefined;
    }
    throw refusal(status, `${method} ${path}`, message);
}

/**
 * Deletes a folder of artifacts. A folder that does not exist is no error.
 *
 * @param path the folder's path below MLflow's artifacts
 * @throws NoAnswer when MLflow does not answer, RegistryRefused when it refuses
 */
export async function deleteArtifacts(http: Sender, path: string): Promise<void> {
    const { status, body } = await http.request({ method: "DELETE", url: `${ARTIFACTS}/${path}` });
    if (status !== 200) {
        throw refusal(status, `DELETE ${path}`, parseError(body).message);
    }
}

function refusal(status: number, what: string, message: string): NoAnswer | RegistryRefused {
    return status >= 500
        ? new NoAnswer(`MLflow fails (${status}): ${message}`)
        : new RegistryRefused(`MLflow refuses ${what} (${status}): ${message}`);
}

function parseError(body: string): { error_code: string; message: string } {
    const schema = z.object({ error_code: z.string(), message: z.string().default("") });
    return schema.safeParse(parseJson(body)).data ?? { error_code: "", message: body.slice(0, 300) };
}
