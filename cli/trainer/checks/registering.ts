/** Runs that register in a real MLflow: what they print, and what they leave there. */
import { setTimeout as sleep } from "node:timers/promises";
import { CHALLENGER, CHAMPION, EXPECTATIONS } from "../../../contract/names";
import { type Bench, EXPERIMENT, MODEL } from "../bench";
import { experimentIn, modelIn, type Registry, type Run, runIn, tagExperiment } from "../mlflow";
import type { Ended } from "../programs";
import { resultOf } from "./endings";

export const TOKENS = { first: "check-first", again: "check-again", gated: "check-gated", fenced: "check-fenced" };
/** The tag of an experiment that fences its runs, and the one of a version with the gate's word. */
export const FENCE = "run_token";
const REFERENCE = "drift_reference.json";
/** No figure reaches it. */
const UNREACHABLE = 1e300;
/** Two looks at the fence; a run that registers takes longer. */
const LOOK_MS = 10;

/** A version, as MLflow has it. */
export interface Version {
    readonly tags: Readonly<Record<string, string>>;
    readonly stage: string;
}

export interface Registered {
    /** What the run printed with REGISTER=false: its hash. */
    readonly hash: string | undefined;
    readonly first: Ended;
    /** The result of the first run; undefined if it printed none, and then nothing else was looked at. */
    readonly result: Readonly<Record<string, unknown>> | undefined;
    readonly version: Version | undefined;
    readonly run: Run | undefined;
    /** The version with each alias. */
    readonly challenger: string | undefined;
    readonly champion: string | undefined;
    readonly fence: string | undefined;
    readonly expectations: string | undefined;
    readonly reference: string | undefined;
    readonly again: Ended | undefined;
    readonly gated: { readonly figure: string; readonly ended: Ended; readonly version: Version | undefined } | undefined;
    /** A run whose fence another attempt took; `wasTaken` if it still ran then. */
    readonly fenced: { readonly ended: Ended; readonly wasTaken: boolean } | undefined;
}

export async function makeRegistered(bench: Bench, mlflow: Registry, hash: string | undefined): Promise<Registered> {
    const first = await bench.run("train", bench.registering(mlflow.address, TOKENS.first));
    const printed = first.code === 0 ? resultOf(first.stdout, "result") : undefined;
    const result = printed !== undefined && "value" in printed ? printed.value : undefined;
    const model = modelIn(mlflow, MODEL);
    const none = { version: undefined, run: undefined, challenger: undefined, champion: undefined, fence: undefined };
    if (result === undefined) {
        const unread = { expectations: undefined, reference: undefined, again: undefined, gated: undefined };
        return { hash, first, result, ...none, ...unread, fenced: undefined };
    }
    const runId = String(result.runId);
    const number = String(result.version);
    const seen = {
        version: await versionOf(mlflow, number),
        run: await runIn(mlflow, runId),
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
    const printed = ended.code === 0 ? resultOf(ended.stdout, "result") : undefined;
    const number = printed !== undefined && "value" in printed ? String(printed.value.version) : undefined;
    return { figure, ended, version: number === undefined ? undefined : await versionOf(mlflow, number) };
}

/** A run during which another attempt begins: it takes the fence as soon as the run has set it. */
async function fence(bench: Bench, mlflow: Registry): Promise<Registered["fenced"]> {
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
