/** Runs that register in a real MLflow: what they print, and what they leave there. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Expectations, parseExpectations } from "../../../components/release/smokeTest";
import { CHALLENGER, CHAMPION, EXPECTATIONS, versionTag } from "../../../contract/names";
import { messageOf } from "../../terminal/steps";
import { type Bench, EXPERIMENT, MODEL } from "../bench";
import { experimentIn, modelIn, type Registry, tagExperiment } from "../mlflow";
import type { Ended } from "../programs";
import { printedBy } from "./endings";

export const TOKENS = {
    first: "check-first",
    again: "check-again",
    gated: "check-gated",
    fenced: "check-fenced",
};
/** The tag of an experiment that fences its runs. */
const FENCE = versionTag("run_token");
export const REFERENCE = "drift_reference.json";
/** No figure reaches it. */
const UNREACHABLE = 1e300;
/** Two looks at the fence; a run that registers takes longer. */
const LOOK_MS = 10;

/** A version, as MLflow has it. */
export interface Version {
    readonly tags: Readonly<Record<string, string>>;
    readonly stage: string;
}

/** A run, as MLflow has it. */
interface Run {
    readonly tags: Readonly<Record<string, string>>;
    readonly status: string;
}

export interface Registered {
    /** What the run printed with REGISTER=false: its hash. */
    readonly hash: string | undefined;
    readonly first: Ended;
    /** The result of the first run; undefined if it printed none, and then nothing else was looked at. */
    readonly result: Readonly<Record<string, unknown>> | undefined;
    readonly version?: Version | undefined;
    readonly run?: Run | undefined;
    /** The version with each alias. */
    readonly challenger?: string | undefined;
    readonly champion?: string | undefined;
    readonly fence?: string | undefined;
    readonly expectations?: string | undefined;
    readonly reference?: string | undefined;
    readonly again?: Ended;
    readonly gated?:
        { readonly figure: string; readonly ended: Ended; readonly version: Version | undefined } | undefined;
    /** A run whose fence another attempt took; `wasTaken` if it still ran then. */
    readonly fenced?: { readonly ended: Ended; readonly wasTaken: boolean };
}

/** The requests that a version must answer, or what is wrong with the text that should have them. */
export function readExpectations(
    text: string,
): { readonly value: Expectations } | { readonly problem: string } {
    try {
        return { value: parseExpectations(text) };
    } catch (error) {
        return { problem: messageOf(error) };
    }
}

export async function makeRegistered(
    bench: Bench,
    mlflow: Registry,
    hash: string | undefined,
): Promise<Registered> {
    const first = await bench.run("train", bench.registering(mlflow.address, TOKENS.first));
    const result = printedBy(first, "result");
    if (result === undefined) {
        return { hash, first, result };
    }
    const model = modelIn(mlflow, MODEL);
    const runId = String(result.runId);
    const number = String(result.version);
    const seen = {
        version: await versionOf(mlflow, number),
        run: await runOf(mlflow, runId),
        challenger: (await model.aliased(CHALLENGER))?.version,
        champion: (await model.aliased(CHAMPION))?.version,
        fence: (await experimentIn(mlflow, EXPERIMENT))?.tags[FENCE],
        expectations: await model.artifact(runId, EXPECTATIONS),
        reference: await model.artifact(runId, REFERENCE),
    };
    const again = await bench.run("train", bench.registering(mlflow.address, TOKENS.again));
    const gated = await gate(bench, mlflow, result);
    return { hash, first, result, ...seen, again, gated, fenced: await fence(bench, mlflow) };
}

async function versionOf(mlflow: Registry, number: string): Promise<Version | undefined> {
    const found = await modelIn(mlflow, MODEL).version(number);
    return found && { tags: Object.fromEntries(found.tags), stage: found.current_stage };
}

async function runOf(mlflow: Registry, id: string): Promise<Run | undefined> {
    const found = await modelIn(mlflow, MODEL).run(id);
    return found && { tags: Object.fromEntries(found.tags), status: found.status };
}

/** A run whose gate asks more of the first figure than there can be. */
async function gate(
    bench: Bench,
    mlflow: Registry,
    result: Readonly<Record<string, unknown>>,
): Promise<Registered["gated"]> {
    const figures = Object.entries((result.metrics ?? {}) as Record<string, unknown>);
    const figure = figures.find(([, value]) => typeof value === "number")?.[0];
    if (figure === undefined) {
        return undefined;
    }
    const GATE = JSON.stringify({ bounds: { [figure]: { min: UNREACHABLE } } });
    const ended = await bench.run("train", { ...bench.registering(mlflow.address, TOKENS.gated), GATE });
    const printed = printedBy(ended, "result");
    return { figure, ended, version: printed && (await versionOf(mlflow, String(printed.version))) };
}

/** A run during which another attempt begins: it takes the fence as soon as the run has set it. */
async function fence(bench: Bench, mlflow: Registry): Promise<NonNullable<Registered["fenced"]>> {
    const running = bench.start("train", { ...bench.registering(mlflow.address, TOKENS.fenced), SEED: "8" });
    let wasTaken = false;
    while (!running.isOver() && !wasTaken) {
        const experiment = await experimentIn(mlflow, EXPERIMENT);
        if (experiment?.tags[FENCE] === TOKENS.fenced) {
            await tagExperiment(mlflow, experiment.id, FENCE, "check-later");
            wasTaken = !running.isOver();
        }
        await sleep(LOOK_MS);
    }
    return { ended: await running.ended, wasTaken };
}
