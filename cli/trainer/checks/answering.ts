/** A served version: what serving answers, how it ends, and which models it refuses. */
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "../../../common/time";
import { type Expectations, smokeTest } from "../../../components/release/smokeTest";
import { STOP_GRACE_SECONDS } from "../../../components/image/stopGrace";
import type { Given, RetrainingVariable, ServingVariable, StatusVariable } from "../../../contract/names";
import { type Bench, COMMIT, ENVIRONMENT, EXPERIMENT, MODEL } from "../bench";
import { type Answer, answers, freePort, localSender } from "../http";
import type { Ended, Running } from "../programs";

/** A service that is up answers its health check: components/service/oneAtATime.ts gives it less. */
const START_MS = 60_000;
const POLL_MS = 50;
const START = { ms: START_MS, everyMs: POLL_MS };
/** A status page asks MLflow every few seconds. */
const MEASURED_MS = 15_000;
/** No model has this hash. */
const OTHER_HASH = "0".repeat(64);

/** What registering tells serving. */
export interface Model {
    readonly mlflow: string;
    readonly version: string;
    readonly sha256: string;
    readonly filesSha256: string | undefined;
    /** Undefined if the run has none that can be asked. */
    readonly expectations: Expectations | undefined;
}

export interface Served {
    readonly model: Model;
    /** Undefined if it never took requests; then nothing else was asked. */
    readonly answers: Answers | undefined;
    /** The program that served, after SIGTERM if it took requests. `ms` counts from the signal. */
    readonly ended: Ended;
    /** The statuses of /ready between SIGTERM and the end. */
    readonly ready: readonly number[];
    readonly otherHash: Ended;
    readonly bare: Ended;
}

/** What a served version answered; undefined for no answer. */
export interface Answers {
    readonly health: Answer | undefined;
    readonly version: Answer | undefined;
    readonly sample: Answer | undefined;
    readonly sampled: Answer | undefined;
    readonly metrics: Answer | undefined;
    /** On METRICS_PORT. */
    readonly second: Answer | undefined;
    /** Differences to expectations.json, a sentence each. */
    readonly problems: readonly string[];
}

/** @param patienceMs within this time, a service that must refuse has ended */
export async function makeServed(bench: Bench, model: Model, patienceMs = START_MS): Promise<Served> {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const variables = {
        MLFLOW_TRACKING_URI: model.mlflow,
        MODEL_NAME: MODEL,
        MODEL_VERSION: model.version,
        MODEL_SHA256: model.sha256,
        MODEL_FILES_SHA256: model.filesSha256 ?? "",
        MODEL_CACHE: bench.folder("cache"),
        PORT: String(port),
        METRICS_PORT: String(metricsPort),
        ENVIRONMENT,
        GIT_COMMIT: COMMIT,
    } satisfies Given<ServingVariable>;
    const running = bench.start("serving", variables);
    const url = `http://127.0.0.1:${port}`;
    const isUp = await answers(running, `${url}/ready`, START);
    const seen = isUp ? await ask(url, metricsPort, model) : undefined;
    const { ended, ready } = await stop(running, isUp, url, STOP_GRACE_SECONDS.serving);
    // Another cache, because a version that was served before may be taken from the cache unasked.
    const other = { ...variables, MODEL_SHA256: OTHER_HASH, MODEL_CACHE: bench.folder("cache-other") };
    const [otherHash, bare] = [
        await bench.run("serving", other, [], patienceMs),
        await bench.run("serving", { ENVIRONMENT }, [], patienceMs),
    ];
    return { model, answers: seen, ended, ready, otherHash, bare };
}

async function ask(url: string, metricsPort: number, model: Model): Promise<Answers> {
    const http = localSender();
    const get = (path: string) => http.tryRequest(`${url}${path}`);
    const predict = (body: string) =>
        http.tryRequest(`${url}/predict`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body,
        });
    const sample = await get("/sample");
    return {
        health: await get("/health"),
        version: await get("/version"),
        sample,
        sampled: sample?.status === 200 ? await predict(sample.body) : undefined,
        problems: await smokeTest(http, {
            api: url,
            credentials: { username: "", password: "" },
            model: { version: model.version, sha256: model.sha256 },
            expectations: model.expectations,
        }),
        metrics: await get("/metrics"),
        second: await http.tryRequest(`http://127.0.0.1:${metricsPort}/metrics`),
    };
}

/** Ends a service by SIGTERM, and asks meanwhile whether it still takes requests. */
async function stop(
    running: Running,
    isUp: boolean,
    url: string,
    graceSeconds: number,
): Promise<{ ended: Ended; ready: readonly number[] }> {
    const ready: number[] = [];
    const began = performance.now();
    running.signal(isUp ? "SIGTERM" : "SIGKILL");
    const http = localSender();
    while (!running.isOver() && performance.now() - began < graceSeconds * 1000 + POLL_MS) {
        const answer = await http.tryRequest(`${url}/ready`);
        ready.push(...(answer === undefined ? [] : [answer.status]));
        await sleep(POLL_MS);
    }
    running.signal("SIGKILL");
    const ended = await running.ended;
    return { ended: { ...ended, ms: performance.now() - began }, ready };
}

/** A service beside serving: whether it answered, and how it ended. */
export interface Service {
    readonly health: Answer | undefined;
    readonly metrics: Answer | undefined;
    readonly ended: Ended;
}

/**
 * Starts the status page or retraining, asks it, and ends it.
 *
 * @param metrics the metrics to wait for: a service has some only after its first questions to MLflow
 */
export async function makeService(
    bench: Bench,
    module: "status" | "retraining",
    variables: Readonly<Record<string, string>>,
    metrics: readonly string[],
): Promise<Service> {
    const port = await freePort();
    const graceSeconds = STOP_GRACE_SECONDS[module];
    const running = bench.start(module, { ...variables, PORT: String(port) });
    const url = `http://127.0.0.1:${port}`;
    const isUp = await answers(running, `${url}/health`, START);
    const http = localSender();
    const measured = () => http.tryRequest(`${url}/metrics`);
    const hasAll = async (): Promise<true | undefined> =>
        lackingMetrics(metrics, (await measured())?.body ?? "").length === 0 || undefined;
    if (isUp) {
        await waitFor(hasAll, { ms: MEASURED_MS, everyMs: POLL_MS });
    }
    const [health, last] = isUp ? [await http.tryRequest(`${url}/health`), await measured()] : [];
    return { health, metrics: last, ended: (await stop(running, isUp, url, graceSeconds)).ended };
}

/** The metrics that a text for Prometheus does not have. */
export function lackingMetrics(names: readonly string[], text: string): string[] {
    return names.filter((name) => !new RegExp(`^# TYPE ${name} `, "m").test(text));
}

/** The variables of the status page, and those of retraining. */
export function serviceVariables(bench: Bench, mlflow: string) {
    const { RUN_TOKEN, ...training } = bench.registering(mlflow, "");
    return {
        status: {
            MLFLOW_TRACKING_URI: mlflow,
            MLFLOW_EXPERIMENT_NAME: EXPERIMENT,
            MODEL_NAME: MODEL,
            ENVIRONMENT,
            STACK: ENVIRONMENT,
            DATA_DIR: bench.data,
            SERVING_HOST: "localhost",
        } satisfies Given<StatusVariable>,
        retraining: { ...training, RETRAIN_ALERTS: "CheckAlert" } satisfies Given<RetrainingVariable>,
    };
}
