/**
 * Compares serving with `mlflow models serve`: the same model, one core each. With `observing`,
 * compares serving with all metrics and drift to serving without any, in turn in one process:
 *
 *   npm run bench:serving -- --image IMAGE [observing] [--seconds 6] [--models logistic,boosting,table] [--short]
 *
 * IMAGE is the seismic trainer's image, such as release.image of a stack's outputs. `logistic` and `boosting` classify
 * traces. `table` is the model of examples/tabular, with 13 columns of numbers. The server has core 0, the load has core 1.
 * Traffic stays on loopback. --short is for the tests: it shows that everything works, and its figures say nothing.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";

import type Docker from "dockerode";

import { connect, tailOfContainer } from "../engine/client";
import { runOnce } from "../engine/tasks/oneShot";
import { existingEnvironment } from "../cli/setup/prepare";

/** A folder of the image that belongs to the image's user. A new volume in this place gets the same owner. */
const STORE = "/data";
const RESULTS = `${STORE}/results`;
/** The package of examples/tabular. It lies beside the trainer in the containers. */
const TABULAR = join(__dirname, "..", "examples", "tabular", "tabular");
/** The package that serves each model. */
const PACKAGES: Readonly<Record<string, string>> = {
    logistic: "seismic",
    boosting: "seismic",
    table: "tabular",
};
/** The table is observed only: a comparison would start MLflow's server once more, which takes half a minute. */
const SHORT = {
    warmUp: "0.2",
    compare: { seconds: "0.5", models: "logistic" },
    observe: { seconds: "1", models: "table" },
};
const MODELS = Object.keys(PACKAGES).join();
const LONG = {
    warmUp: "2",
    compare: { seconds: "6", models: MODELS },
    // Drift is compared and metrics are scraped every ten seconds only.
    observe: { seconds: "40", models: MODELS },
};
const LISTENS = `
import socket, sys, time
for _ in range(600):
    try:
        socket.create_connection(("127.0.0.1", 8000)).close()
        sys.exit()
    except OSError:
        time.sleep(0.2)
sys.exit("the server does not listen")
`;
const LOG_LINES = 20;

/** The containers of one run. They share a volume, and this checkout's bench/ and example of a table. */
class Bench {
    private readonly name = `seismic-bench-${process.pid}`;

    constructor(
        private readonly engine: Docker,
        private readonly image: string,
        private readonly variables: Record<string, string>,
    ) {}

    /** Runs a command of bench/ to its end. @returns what it printed */
    async run(command: string[], beside?: string): Promise<string> {
        const host =
            beside === undefined
                ? { NetworkMode: "none" }
                : { NetworkMode: `container:${beside}`, PidMode: `container:${beside}`, CpusetCpus: "1" };
        const { exitCode, stdout, tail } = await runOnce(
            this.engine,
            this.options(command, host),
            () => undefined,
        );
        if (exitCode !== 0) {
            const server = beside === undefined ? [] : await tailOfContainer(this.engine, beside, LOG_LINES);
            throw new Error([`${command.join(" ")}: exit code ${exitCode}`, ...tail, ...server].join("\n"));
        }
        return stdout;
    }

    /** Runs a server for the time of a piece of work. */
    async serve(model: string | undefined, command: string[], work: (server: string) => Promise<void>) {
        const settings = model === undefined ? "" : await this.run(["cat", `${STORE}/${model}.env`]);
        const options = this.options(command, { NetworkMode: "none", CpusetCpus: "0" });
        const container = await this.engine.createContainer({
            ...options,
            Env: [
                ...options.Env,
                ...settings
                    .trim()
                    .split("\n")
                    .filter((line) => line !== ""),
            ],
        });
        try {
            await container.start();
            await this.run(["python", "-c", LISTENS], container.id);
            await work(container.id);
        } finally {
            await container.remove({ force: true, v: true });
        }
    }

    async remove(): Promise<void> {
        await this.engine.getVolume(this.name).remove();
    }

    private options(command: string[], host: Docker.HostConfig) {
        // One thread for each library: the server has one core, and more threads would slow MLflow's server down.
        const fixed = {
            PYTHONPATH: "/app",
            PYTHONPYCACHEPREFIX: `${STORE}/pyc`,
            GIT_PYTHON_REFRESH: "quiet",
            OMP_NUM_THREADS: "1",
            OPENBLAS_NUM_THREADS: "1",
            // Without this variable, `mlflow models serve` opens no model. The image sets it to false.
            MLFLOW_ALLOW_PICKLE_DESERIALIZATION: "true",
        };
        return {
            Image: this.image,
            Cmd: command,
            WorkingDir: "/app",
            Env: Object.entries({ ...fixed, ...this.variables }).map(([name, value]) => `${name}=${value}`),
            HostConfig: {
                Binds: [`${this.name}:${STORE}`, `${__dirname}:/app/bench:ro`, `${TABULAR}:/app/tabular:ro`],
                ...host,
            },
        };
    }
}

async function main(): Promise<void> {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: {
            image: { type: "string" },
            seconds: { type: "string" },
            models: { type: "string" },
            short: { type: "boolean", default: false },
        },
    });
    if (values.image === undefined || positionals.some((it) => it !== "observing")) {
        throw new Error(
            "--image: missing; give a trainer's image, such as release.image of a stack's outputs",
        );
    }
    const observing = positionals.length > 0;
    const usual = values.short ? SHORT : LONG;
    const { seconds, models: all } = observing ? usual.observe : usual.compare;
    const models = (values.models ?? all).split(",");
    const unknown = models.filter((it) => !Object.hasOwn(PACKAGES, it));
    if (unknown.length > 0) {
        throw new Error(`--models: got ${unknown.join()}; allowed: ${MODELS}`);
    }
    Object.assign(process.env, (await existingEnvironment())?.env);
    const bench = new Bench(await connect(undefined), values.image, {
        BENCH_SECONDS: values.seconds ?? seconds,
        BENCH_WARM_UP: usual.warmUp,
    });
    try {
        await bench.run(["python", "bench/serving.py", "prepare", STORE, ...models]);
        await (observing ? observe : compare)(bench, models);
    } finally {
        await bench.remove();
    }
}

async function observe(bench: Bench, models: string[]): Promise<void> {
    for (const model of models) {
        await bench.serve(model, ["python", "bench/serving_turns.py", "turns", model], async (server) => {
            process.stdout.write(
                await bench.run(["python", "bench/serving_turns.py", "compare", model], server),
            );
        });
    }
}

async function compare(bench: Bench, models: string[]): Promise<void> {
    const measure = (name: string, model: string | undefined, command: string[]) =>
        bench.serve(model, command, async (server) => {
            console.error(`${name} ${model ?? ""}`);
            await bench.run(["python", "bench/serving.py", "load", name, model ?? "-", RESULTS], server);
        });
    for (const model of models) {
        const local = ["--env-manager", "local", "-h", "127.0.0.1", "-p", "8000"];
        await measure("mlflow", model, ["mlflow", "models", "serve", "-m", `models:/${model}/1`, ...local]);
        await measure("ours", model, ["python", "-m", `${PACKAGES[model]}.serving`]);
    }
    for (const kind of ["parse", "parse-fastapi"]) {
        await measure(kind, undefined, ["python", "bench/serving.py", "yardstick", kind]);
    }
    process.stdout.write(await bench.run(["python", "bench/serving.py", "table", RESULTS]));
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
