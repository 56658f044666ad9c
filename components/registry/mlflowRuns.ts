/** The training runs in an MLflow, the files of their models, and the versions made of these files. */
import { z } from "zod";

import { REFUSED, versionTag } from "../../contract/names";
import type { InsideHttp } from "../../engine/streams/insideHttp";
import { askMlflow, deleteArtifacts, tagMap } from "./mlflow";

/** The trainer sets this tag. A run without the tag is somebody's own. */
const RUN_TOKEN = versionTag("run_token");
/** A run with one of these states registers nothing. */
const FAILED = ["FAILED", "KILLED"];
const FINISHED = "FINISHED";
/** The tag with the gate's verdict on a run or a version. */
export const GATE_TAG = versionTag("gate");
/** The number of entries in one answer: the description of a run takes kilobytes. */
const PAGE = 100;

const run = z.object({
    info: z.object({
        run_id: z.string(),
        experiment_id: z.string(),
        status: z.string(),
        start_time: z.number().default(0),
        artifact_uri: z.string().default(""),
    }),
    data: z.object({ tags: tagMap }).default({ tags: new Map() }),
});
const version = z.object({
    name: z.string(),
    version: z.string(),
    current_stage: z.string().default("None"),
    source: z.string().default(""),
    run_id: z.string().default(""),
    tags: tagMap,
});
const model = z.object({
    name: z.string(),
    aliases: z.array(z.object({ alias: z.string(), version: z.string() })).default([]),
});
const loggedModel = z.object({
    info: z.object({
        model_id: z.string(),
        artifact_uri: z.string().default(""),
        source_run_id: z.string().default(""),
        tags: tagMap,
    }),
});

/** A training run that ended without a model that may serve. */
export interface UselessRun {
    readonly id: string;
    readonly why: "refused by the gate" | "failed" | "killed";
    /** Milliseconds since 1970. */
    readonly started: number;
    readonly tags: ReadonlyMap<string, string>;
    /** The addresses of the run's files, and of the files of the models that it uploaded. */
    readonly addresses: readonly string[];
    /** The ids of these models. */
    readonly models: readonly string[];
}

/** A version of any registered model. */
export interface KnownVersion {
    readonly name: string;
    readonly version: string;
    readonly stage: string;
    readonly source: string;
    readonly runId: string;
    readonly tags: ReadonlyMap<string, string>;
    readonly aliases: readonly string[];
}

/**
 * All runs and versions of an MLflow, of every experiment and every registered model.
 * Source of its calls: MLflow REST API, https://mlflow.org/docs/latest/api_reference/rest-api.html
 *
 * Every method throws NoAnswer when MLflow does not answer, RegistryRefused when it refuses.
 */
export class RegistryRuns {
    constructor(private readonly http: InsideHttp) {}

    /** The training runs that the gate refused or that failed, newest first. */
    async useless(): Promise<UselessRun[]> {
        const experiments = await this.search("experiments", {}, z.object({ experiment_id: z.string() }));
        const experiment_ids = experiments.map((it) => it.experiment_id);
        if (experiment_ids.length === 0) {
            return [];
        }
        const filters = [
            `tags.${GATE_TAG} = '${REFUSED}' AND attributes.status = '${FINISHED}'`,
            ...FAILED.map((status) => `attributes.status = '${status}'`),
        ];
        const found: z.infer<typeof run>[] = [];
        for (const filter of filters) {
            found.push(...(await this.search("runs", { experiment_ids, filter }, run)));
        }
        const trained = found.filter(({ data }) => data.tags.has(RUN_TOKEN));
        if (trained.length === 0) {
            return [];
        }
        const uploaded = await this.search("logged-models", { experiment_ids }, loggedModel, "models");
        return trained
            .map(({ info, data }): UselessRun => {
                const models = uploaded.filter((it) => it.info.source_run_id === info.run_id);
                return {
                    id: info.run_id,
                    why: info.status === FINISHED ? "refused by the gate" : wordOf(info.status),
                    started: info.start_time,
                    tags: data.tags,
                    addresses: [info.artifact_uri, ...models.map((it) => it.info.artifact_uri)],
                    models: models.map((it) => it.info.model_id),
                };
            })
            .sort((a, b) => b.started - a.started);
    }

    /** Every version of every registered model. */
    async versions(): Promise<KnownVersion[]> {
        const models = await this.list("registered-models", model, "registered_models");
        const named = new Map(models.map(({ name, aliases }) => [name, aliases]));
        const versions = await this.list("model-versions", version, "model_versions");
        return versions.map((it) => ({
            name: it.name,
            version: it.version,
            stage: it.current_stage,
            source: it.source,
            runId: it.run_id,
            tags: it.tags,
            aliases: (named.get(it.name) ?? []).flatMap(({ alias, version: number }) =>
                number === it.version ? [alias] : [],
            ),
        }));
    }

    /** Sets a tag of a run, of the models that it uploaded, and of versions. */
    async tag(
        { id, models }: UselessRun,
        versions: readonly KnownVersion[],
        key: string,
        value: string,
    ): Promise<void> {
        for (const { name, version: number } of versions) {
            await this.ask("POST", "model-versions/set-tag", { name, version: number, key, value });
        }
        for (const it of models) {
            await this.ask("PATCH", `logged-models/${it}/tags`, { tags: [{ key, value }] });
        }
        await this.ask("POST", "runs/set-tag", { run_id: id, key, value });
    }

    /** Removes such a tag. */
    async untag({ id, models }: UselessRun, versions: readonly KnownVersion[], key: string): Promise<void> {
        await this.ask("POST", "runs/delete-tag", { run_id: id, key });
        for (const it of models) {
            await this.ask("DELETE", `logged-models/${it}/tags/${key}`);
        }
        for (const { name, version: number } of versions) {
            await this.ask("DELETE", "model-versions/delete-tag", { name, version: number, key });
        }
    }

    /** Deletes a folder of artifacts by its path below MLflow's artifacts. A folder that does not exist is no error. */
    async deleteArtifacts(path: string): Promise<void> {
        await deleteArtifacts(this.http, path);
    }

    private ask(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, json?: unknown): Promise<unknown> {
        return askMlflow(this.http, method, path, json);
    }

    /** The results of a search by POST, page by page. */
    private search<T>(what: string, body: object, schema: z.ZodType<T>, key = what): Promise<T[]> {
        return pages(key, schema, (page_token) => {
            const paged = { ...body, max_results: PAGE, ...(page_token === "" ? {} : { page_token }) };
            return this.ask("POST", `${what}/search`, paged);
        });
    }

    /** The results of a search by GET, page by page. */
    private list<T>(what: string, schema: z.ZodType<T>, key: string): Promise<T[]> {
        return pages(key, schema, (page_token) => {
            const query = new URLSearchParams({ max_results: String(PAGE), page_token });
            return this.ask("GET", `${what}/search?${query.toString()}`);
        });
    }
}

function wordOf(status: string): "failed" | "killed" {
    return status === "KILLED" ? "killed" : "failed";
}

async function pages<T>(
    key: string,
    schema: z.ZodType<T>,
    ask: (token: string) => Promise<unknown>,
): Promise<T[]> {
    const answer = z.looseObject({ next_page_token: z.string().default("") });
    const found: T[] = [];
    let token = "";
    do {
        const page = answer.parse(await ask(token));
        found.push(...z.array(schema).default([]).parse(page[key]));
        token = page.next_page_token;
    } while (token !== "");
    return found;
}
