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
import { makeRegistered, type Registered } from "./checks/registering";
import { REGISTERED_CHECKS } from "./checks/registered";
import { metricsOf, SERVED_CHECKS, serviceChecks } from "./checks/served";
import { type Check, judged, ok, type Part, skipped, unseen } from "./lines";
import { MLFLOW_LOCK, type Registry, startMlflow } from "./mlflow";
import { Programs } from "./programs";
import { has, LOCK, type Source } from "./source";
import { ensureVenv, findPython } from "./venv";

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
    const lacking = files.lines.find(({ mark, needed, what }) => needed && mark !== "ok" && what !== SERVING);
    if (lacking !== undefined) {
        yield* allSkipped(checking, `first mend: ${lacking.what}`);
        return;
    }
    const venv = await attempt(() => environment(checking));
    yield judged("Environment", [made("Python and the packages", "The image")], venv);
    if ("why" in venv) {
        yield* allSkipped(checking, "there is no environment, see above");
        return;
    }
    const programs = new Programs();
    const bench = new Bench(source, programs, venv.made, checking.limitMs, data);
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
        yield* running(checking, bench);
    } finally {
        process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
        end();
    }
}

async function* running(checking: Checking, bench: Bench): AsyncGenerator<Part> {
    const { source, data } = checking;
    if (data === undefined) {
        yield judged("Demo data", DEMO_CHECKS, await checking.step("Demo data", () => makeDemos(bench)));
    }
    const trials = await checking.step("Training", () => makeTrials(bench));
    yield judged("Training, without registering", TRIAL_CHECKS, trials);
    const hasSettings = existsSync(join(source.folder, SCHEMA_FILE));
    const refusals = await checking.step("Refusals", () => makeRefusals(bench));
    yield judged("Refusals", refusalChecks(hasSettings), refusals);
    const registry = await attempt(() => startRegistry(checking, bench));
    yield judged("MLflow", [made("an MLflow of the check", "Registering")], registry);
    if ("why" in registry) {
        yield* registeredSkipped(source, "there is no MLflow, see above");
        return;
    }
    const registered = await checking.step("Registering", () => makeRegistered(bench, registry.made, hashOf(trials.first)));
    yield judged(REGISTERED, REGISTERED_CHECKS, registered);
    const model = has(source, "serving") ? modelOf(registry.made, registered) : undefined;
    yield model === undefined
        ? unseen("Serving", SERVED_CHECKS, skipped(has(source, "serving") ? "no version is registered" : "there is no module serving"))
        : judged("Serving", SERVED_CHECKS, await checking.step("Serving", () => makeServed(bench, model)));
    const variables = serviceVariables(bench, registry.made.address);
    for (const { title, module, process } of services(source)) {
        const make = () => makeService(bench, module, variables[module], metricsOf(process));
        yield judged(title, serviceChecks(process), await checking.step(title, make));
    }
}

const REGISTERED = "Registering";
const SERVING = "module serving";

function services(source: Source) {
    const all = [
        { title: "Status page", module: "status", process: "status page" },
        { title: "Retraining", module: "retraining", process: "retraining" },
    ] as const;
    return all.filter(({ module }) => has(source, module));
}

/** The environment of the trainer's lock. */
async function environment({ source, python, step }: Checking): Promise<string> {
    const lock = join(source.folder, LOCK);
    const found = await findPython(python);
    return step("Packages of the trainer", (report) =>
        ensureVenv(found, existsSync(lock) ? lock : undefined, report),
    );
}

async function startRegistry({ python, step }: Checking, bench: Bench): Promise<Registry> {
    const found = await findPython(python);
    const venv = await step("Packages of MLflow", (report) => ensureVenv(found, MLFLOW_LOCK, report));
    return step("MLflow", () => startMlflow(bench.programs, venv, bench.folder("mlflow")));
}

function modelOf({ address }: Registry, { result, expectations }: Registered): Model | undefined {
    if (result === undefined) {
        return undefined;
    }
    const { version, sha256, filesSha256 } = result as { version: string; sha256: string; filesSha256?: string };
    return { mlflow: address, version, sha256, filesSha256, expectations };
}

/** What was made, or the reason why a person has to help first. */
type Attempt = { readonly made: unknown } | { readonly why: string };

/** The line of a thing that the check needs itself. */
function made(what: string, section: string): Check<Attempt> {
    return { what, section, judge: (attempt) => ("why" in attempt ? skipped(...firstLine(attempt.why)) : ok()) };
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
    const parts: [string, readonly Check<never>[]][] = [
        ...(data === undefined ? [["Demo data", DEMO_CHECKS] as [string, readonly Check<never>[]]] : []),
        ["Training, without registering", TRIAL_CHECKS],
        ["Refusals", refusalChecks(existsSync(join(source.folder, SCHEMA_FILE)))],
    ];
    for (const [title, checks] of parts) {
        yield unseen(title, checks, skipped(why));
    }
    yield* registeredSkipped(source, why);
}

function* registeredSkipped(source: Source, why: string): Generator<Part> {
    yield unseen(REGISTERED, REGISTERED_CHECKS, skipped(why));
    yield unseen("Serving", SERVED_CHECKS, skipped(why));
    for (const { title, process } of services(source)) {
        yield unseen(title, serviceChecks(process), skipped(why));
    }
}
