/** A trainer whose "python" is a script of Node.js, so that its runs need no Python. It follows the contract, or breaks it. */
import { chmodSync } from "node:fs";
import { join } from "node:path";

import { Bench } from "../../cli/trainer/bench";
import { Programs } from "../../cli/trainer/programs";
import { readSource } from "../../cli/trainer/source";
import { writeFile } from "./temporaryFolder";

/** Milliseconds that one of its runs may take. */
const LIMIT_MS = 20_000;

/** Ways to break the contract; "right" breaks nothing. */
export type Behaviour =
    | "right"
    | "two lines"
    | "not deterministic"
    | "a defect for bad data"
    | "no handler of SIGTERM"
    | "one problem at a time"
    | "stages out of order"
    | "writes beside its source"
    | "reads no fence"
    | "takes any hash"
    | "stops at once"
    | "ends at a prediction";

/** Node's program that stands for `python -m fake.MODULE`. */
const PROGRAM = String.raw`
const { createHash } = require("node:crypto");
const { createServer } = require("node:http");
const { readdirSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const [, , , name, ...args] = process.argv;
const { env } = process;
const told = (line) => process.stderr.write(line + "\n");
const end = (code, ...lines) => { lines.forEach(told); process.exit(code); };
const progress = (stage) => told("progress " + JSON.stringify({ stage, done: 1, total: 1, note: "" }));
const demo = () => {
    const [, folder] = /^--out=(.*)/.exec(args[0]);
    writeFileSync(join(folder, "data.csv"), args.slice(1).join("\n"));
};
const problems = () => {
    const needed = env.REGISTER === "false" ? ["DATA_DIR"]
        : ["MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "MODEL_NAME", "DATA_DIR", "ENVIRONMENT", "RUN_TOKEN"];
    const wrong = Object.entries({ GATE: /^(\{.*\})?$/, SEED: /^\d*$/, HYPERPARAMETERS: /^(\{\})?$/, TRAINER_SETTINGS: /^(\{\})?$/ })
        .filter(([name, right]) => !right.test(env[name] ?? "")).map(([name]) => name);
    return [...needed.filter((name) => (env[name] ?? "") === ""), ...wrong].map((name) => name + ": got " + env[name] + "; needs another");
};
const train = () => {
    const found = problems();
    if (found.length > 0) { end(2, ...(BEHAVIOUR === "one problem at a time" ? found.slice(0, 1) : found)); }
    if (readdirSync(env.DATA_DIR).length === 0) {
        end(BEHAVIOUR === "a defect for bad data" ? 1 : 3, env.DATA_DIR + ": no data.csv; put one there");
    }
    if (env.REGISTER !== "false") { register(); return; }
    if (BEHAVIOUR !== "no handler of SIGTERM") { process.on("SIGTERM", () => process.exit(143)); }
    if (BEHAVIOUR === "writes beside its source") { writeFileSync("cache.bin", "x"); }
    (BEHAVIOUR === "stages out of order" ? ["tuning", "reading"] : ["reading", "tuning"]).forEach(progress);
    if (Number(env.TRIALS) > 100) { setTimeout(() => undefined, 60000); return; }
    const chance = BEHAVIOUR === "not deterministic" ? String(process.hrtime.bigint()) : "";
    const sha256 = createHash("sha256").update(env.SEED + chance).digest("hex");
    if (BEHAVIOUR === "two lines") { console.log("done"); }
    console.log(JSON.stringify({ sha256, metrics: { rmse: 1 }, dataSha256: "d", tuning: {}, registered: false }));
};
const register = async () => {
    const ask = async (path, value) => {
        const init = value === undefined ? {} : { method: "POST", body: JSON.stringify(value) };
        const response = await fetch(env.MLFLOW_TRACKING_URI + path, init)
            .catch(() => end(4, "MLFLOW_TRACKING_URI: no answer"));
        return response.json();
    };
    const experiments = "/api/2.0/mlflow/experiments/";
    await ask(experiments + "set-experiment-tag", { experiment_id: "1", key: "run_token", value: env.RUN_TOKEN });
    // The time of a training.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { experiment: { tags: [fence] } } = await ask(experiments + "get-by-name");
    if (BEHAVIOUR !== "reads no fence" && fence.value !== env.RUN_TOKEN) { end(5, "superseded"); }
    const sha256 = createHash("sha256").update(env.SEED).digest("hex");
    const isRefused = (env.GATE ?? "").includes("bounds");
    console.log(JSON.stringify(await ask("/fake/publish", { sha256, isRefused, token: env.RUN_TOKEN, environment: env.ENVIRONMENT })));
};
const serving = () => {
    const needed = ["MLFLOW_TRACKING_URI", "MODEL_NAME", "MODEL_VERSION", "MODEL_SHA256", "ENVIRONMENT"];
    const missing = needed.filter((it) => (env[it] ?? "") === "");
    if (missing.length > 0) { end(2, ...missing.map((it) => it + ": not given")); }
    if (/^0+$/.test(env.MODEL_SHA256) && BEHAVIOUR !== "takes any hash") { end(3, "MODEL_SHA256: another model"); }
    serve({
        "/version": { model_version: env.MODEL_VERSION, model_sha256: env.MODEL_SHA256, commit: env.GIT_COMMIT },
        "/predict": { class: "a", probabilities: { a: 0.75 } },
        "/sample": {},
    }, env.METRICS_PORT);
};
const serve = (answers, second) => {
    let isDraining = false;
    const listen = (port) => createServer((request, response) => {
        if (request.url === "/predict" && BEHAVIOUR === "ends at a prediction") { process.exit(1); }
        const ready = request.url === "/ready" && isDraining ? 503 : 200;
        const known = ["/ready", "/health", "/metrics"].includes(request.url) || request.url in answers;
        response.writeHead(known ? ready : 404, { "x-model-version": env.MODEL_VERSION ?? "" });
        response.end(request.url === "/metrics" ? METRICS : JSON.stringify(answers[request.url] ?? {}));
    }).listen(Number(port), "127.0.0.1");
    [env.PORT, second].filter((it) => it).forEach(listen);
    process.on("SIGTERM", () => {
        if (BEHAVIOUR === "stops at once") { process.exit(0); }
        isDraining = true;
        setTimeout(() => process.exit(0), 400);
    });
};
const METRICS = "# TYPE fake_metric gauge\nfake_metric 1\n";
({ "fake.demo": demo, "fake.train": train, "fake.serving": serving, "fake.status": () => serve({}) })[name]();
`;

/** Does work on the bench of a check of such a trainer, and ends what then still runs. */
export async function onBench<T>(
    folder: string,
    behaviour: Behaviour,
    work: (bench: Bench) => Promise<T>,
): Promise<T> {
    const { trainer, venv } = writeFakeTrainer(folder, behaviour);
    const programs = new Programs();
    const bench = new Bench(readSource(trainer, undefined), programs, venv, LIMIT_MS, undefined);
    try {
        return await work(bench);
    } finally {
        programs.end();
        bench.remove();
    }
}

/** Writes the trainer's folder, and the environment that runs it: its `bin/python`. */
export function writeFakeTrainer(folder: string, behaviour: Behaviour): { trainer: string; venv: string } {
    const [trainer, venv] = [join(folder, "trainer"), join(folder, "venv")];
    for (const module of ["train", "serving", "demo"]) {
        writeFile(join(trainer, "fake", `${module}.py`), "");
    }
    writeFile(join(trainer, "Dockerfile"), "FROM base\nWORKDIR /app\nCOPY fake ./fake\n");
    writeFile(join(trainer, "settings.schema.json"), '{"type": "object", "additionalProperties": false}');
    const python = join(venv, "bin", "python");
    writeFile(python, `#!${process.execPath}\nconst BEHAVIOUR = ${JSON.stringify(behaviour)};\n${PROGRAM}`);
    chmodSync(python, 0o755);
    return { trainer, venv };
}
