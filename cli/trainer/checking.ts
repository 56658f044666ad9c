/** Runs a trainer through the contract, part by part. A part whose subject is missing tells so in each of its lines. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Mistake } from "../../common/mistake";
import { messageOf, step } from "../terminal/steps";
import { SCHEMA_FILE } from "../../components/training/trainerSettings";
import { Bench } from "./bench";
import { makeServed, makeService, type Model, serviceVariables } from "./checks/answering";
import { fileChecks } from "./checks/files";
import { DEMO_CHECKS, hashOf, makeDemos, makeTrials, TRIAL_CHECKS } from "./checks/learning";
import { makeRefusals, refusalChecks } from "./checks/refusals";
import { makeRegistered, readExpectations, type Registered } from "./checks/registering";
import { REGISTERED_CHECKS } from "./checks/registered";
import { metricsOf, SERVED_CHECKS, serviceChecks } from "./checks/served";
import { type Check, judged, ok, type Part, skipped, unseen } from "./lines";
import { MLFLOW_LOCK, type Registry, startMlflow } from "./mlflow";
import { Programs } from "./programs";
import { has, LOCK, type Source } from "./source";
import { ensureVenv, findPython, type Python } from "./venv";

export interface Checking {
    readonly source: Source;
    readonly python: string | undefined;
    readonly data: string | undefined;
    /** Milliseconds that one run may take. */
    readonly limitMs: number;
    /** Does work whose progress a person may see. */
    readonly step: typeof step;
}

/** All parts of a check in order, each as soon as it is done. */
export async function* checkTrainer(checking: Checking): AsyncGenerator<Part> {
    const { source, data } = checking;
    const files = judged("Files", fileChecks(data !== undefined), { source });
    yield files;
    // Without serving, everything before it can still be looked at.
    const lacking = files.lines.find(
        ({ mark, needed, what }) => needed && mark !== "ok" && what !== MODULE_SERVING,
    );
    if (lacking !== undefined) {
        yield* allSkipped(checking, `first mend: ${lacking.what}`);
        return;
    }
    const found = await attempt(() => environment(checking));
    yield judged("Environment", [made("Python and the packages", "The image")], found);
    if ("why" in found) {
        yield* allSkipped(checking, "there is no environment, see above");
        return;
    }
    const programs = new Programs();
    const bench = new Bench(source, programs, found.made.venv, checking.limitMs, data);
    const end = (): void => {
        programs.end();
        bench.remove();
    };
    // Nothing of a check outlives it, also when a person interrupts it.
    const interrupted = (): void => {
        end();
        process.exit(130);
    };
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    try {
        yield* running(checking, found.made.python, bench);
    } finally {
        process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
        end();
    }
}

async function* running(checking: Checking, python: Python, bench: Bench): AsyncGenerator<Part> {
    const { source, data } = checking;
    if (data === undefined) {
        yield judged(DEMO, DEMO_CHECKS, await checking.step(DEMO, () => makeDemos(bench)));
    }
    const trials = await checking.step("Training", () => makeTrials(bench));
    yield judged(TRAINING, TRIAL_CHECKS, trials);
    const refusals = await checking.step(REFUSALS, () => makeRefusals(bench));
    yield judged(REFUSALS, refusalChecks(hasSettings(source)), refusals);
    const registry = await attempt(() => startRegistry(checking, python, bench));
    yield judged("MLflow", [made("an MLflow of the check", "Registering")], registry);
    if ("why" in registry) {
        yield* registeredSkipped(source, "there is no MLflow, see above");
        return;
    }
    const registered = await checking.step(REGISTERED, () =>
        makeRegistered(bench, registry.made, hashOf(trials.first)),
    );
    yield judged(REGISTERED, REGISTERED_CHECKS, registered);
    const model = has(source, "serving") ? modelOf(registry.made, registered) : undefined;
    yield model === undefined
        ? unseen(
              SERVED,
              SERVED_CHECKS,
              skipped(has(source, "serving") ? "no version is registered" : "there is no module serving"),
          )
        : judged(SERVED, SERVED_CHECKS, await checking.step(SERVED, () => makeServed(bench, model)));
    const variables = serviceVariables(bench, registry.made.address);
    for (const { title, module, process } of services(source)) {
        const make = () => makeService(bench, module, variables[module], metricsOf(process));
        yield judged(title, serviceChecks(process), await checking.step(title, make));
    }
}

// The titles of the parts.
const DEMO = "Demo data";
const TRAINING = "Training, without registering";
const REFUSALS = "Refusals";
const REGISTERED = "Registering";
const SERVED = "Serving";
/** A line of the files, see checks/files.ts. */
const MODULE_SERVING = "module serving";

function hasSettings({ folder }: Source): boolean {
    return existsSync(join(folder, SCHEMA_FILE));
}

function services(source: Source) {
    const all = [
        { title: "Status page", module: "status", process: "status page" },
        { title: "Retraining", module: "retraining", process: "retraining" },
    ] as const;
    return all.filter(({ module }) => has(source, module));
}

/** A Python of this machine, and the environment of the trainer's lock. */
interface Environment {
    readonly python: Python;
    readonly venv: string;
}

async function environment({ source, python, step }: Checking): Promise<Environment> {
    const lock = join(source.folder, LOCK);
    const found = await findPython(python);
    const venv = await step("Packages of the trainer", (report) =>
        ensureVenv(found, existsSync(lock) ? lock : undefined, report),
    );
    return { python: found, venv };
}

async function startRegistry({ step }: Checking, python: Python, bench: Bench): Promise<Registry> {
    const venv = await step("Packages of MLflow", (report) => ensureVenv(python, MLFLOW_LOCK, report));
    return step("MLflow", () => startMlflow(bench.programs, venv, bench.folder("mlflow")));
}

function modelOf({ address }: Registry, { result, expectations }: Registered): Model | undefined {
    if (result === undefined) {
        return undefined;
    }
    const { version, sha256, filesSha256 } = result as {
        version: string;
        sha256: string;
        filesSha256?: string;
    };
    // What is wrong with them is told where the run is judged.
    const read = expectations === undefined ? undefined : readExpectations(expectations);
    const asked = read !== undefined && "value" in read ? read.value : undefined;
    return { mlflow: address, version, sha256, filesSha256, expectations: asked };
}

/** What was made, or the reason why a person has to help first. */
type Attempt = { readonly made: unknown } | { readonly why: string };

/** The line of a thing that the check needs itself. */
function made(what: string, section: string): Check<Attempt> {
    return {
        what,
        section,
        judge: (attempt) => ("why" in attempt ? skipped(...firstLine(attempt.why)) : ok()),
    };
}

/** The first line of a message, and the other lines as output. */
function firstLine(text: string): [string, string] {
    const [first = "", ...others] = text.split("\n");
    return [first, others.join("\n")];
}

async function attempt<T>(make: () => Promise<T>): Promise<{ made: T } | { why: string }> {
    try {
        return { made: await make() };
    } catch (error) {
        if (error instanceof Mistake) {
            return { why: messageOf(error) };
        }
        throw error;
    }
}

function* allSkipped({ source, data }: Checking, why: string): Generator<Part> {
    if (data === undefined) {
        yield unseen(DEMO, DEMO_CHECKS, skipped(why));
    }
    yield unseen(TRAINING, TRIAL_CHECKS, skipped(why));
    yield unseen(REFUSALS, refusalChecks(hasSettings(source)), skipped(why));
    yield* registeredSkipped(source, why);
}

function* registeredSkipped(source: Source, why: string): Generator<Part> {
    yield unseen(REGISTERED, REGISTERED_CHECKS, skipped(why));
    yield unseen(SERVED, SERVED_CHECKS, skipped(why));
    for (const { title, process } of services(source)) {
        yield unseen(title, serviceChecks(process), skipped(why));
    }
}
