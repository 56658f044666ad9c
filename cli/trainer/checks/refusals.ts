/** Runs that must be refused: by wrong variables, wrong data, and an MLflow that does not answer. */
import contract from "../../../contract/trainer.schema.json";
import type { TrainingVariable } from "../../../contract/names";
import { type Bench, CLOSED, type Training } from "../bench";
import { type Check, skipped, type Verdict, wrong } from "../lines";
import type { Ended } from "../programs";
import { endsWith } from "./endings";

const IN = "Training: environment in";
const OUT = "Training: what comes out";
const NEEDED = contract.$defs.trainingVariables.required;
/** No trainer has a setting or a parameter of this name. */
const UNKNOWN = "no_such_name_of_any_trainer";
/** Values that no trainer can take, and the reason. */
const WRONG = {
    GATE: "{",
    HYPERPARAMETERS: JSON.stringify({ [UNKNOWN]: 1 }),
    SEED: "seven",
    TRAINER_SETTINGS: JSON.stringify({ [UNKNOWN]: 1 }),
} as const satisfies Training;

export interface Refusals {
    /** No needed variable is given, and one is empty. */
    readonly bare: Ended;
    /** Every value of WRONG at once. */
    readonly wrong: Ended;
    readonly emptyData: Ended;
    readonly dataFolder: string;
    readonly noMlflow: Ended;
}

/** @param hasSettings whether the trainer has a settings.schema.json */
export function refusalChecks(hasSettings: boolean): Check<Refusals>[] {
    const names = Object.keys(WRONG) as (keyof typeof WRONG)[];
    return [
        {
            what: "missing variables",
            section: IN,
            judge: ({ bare }) => namesAll(bare, NEEDED, "when variables are missing"),
        },
        ...names.map((name): Check<Refusals> => ({
            what: `${name}=${WRONG[name]}`,
            section: IN,
            ...(name === "TRAINER_SETTINGS" && !hasSettings ? { optional: true } : {}),
            judge: ({ wrong: ended }) => judgeWrong(ended, name, hasSettings),
        })),
        { what: "a DATA_DIR without data", section: OUT, judge: judgeData },
        {
            what: "an MLflow that does not answer",
            section: OUT,
            judge: ({ noMlflow }) => endsWith(noMlflow, 4, "when MLFLOW_TRACKING_URI does not answer"),
        },
    ];
}

export async function makeRefusals(bench: Bench): Promise<Refusals> {
    const right = { ...bench.registering(CLOSED, "check-refused"), MLFLOW_RETRY_SECONDS: "1" };
    const dataFolder = bench.folder("no-data");
    return {
        bare: await bench.run("train", { MODEL_NAME: "" } satisfies Training),
        wrong: await bench.run("train", { ...right, ...WRONG }),
        emptyData: await bench.trial({ DATA_DIR: dataFolder }),
        dataFolder,
        noMlflow: await bench.run("train", right),
    };
}

/** Whether a run ends with 2 and names every one of these variables. */
export function namesAll(ended: Ended, names: readonly string[], when: string): Verdict {
    const ending = endsWith(ended, 2, when);
    if (ending.mark !== "ok") {
        return ending;
    }
    const unnamed = names.filter((name) => !ended.stderr.includes(name));
    return unnamed.length === 0
        ? ending
        : wrong(
              `the message does not name ${unnamed.join(", ")}; all problems are told at once`,
              ended.stderr,
          );
}

function judgeWrong(ended: Ended, name: TrainingVariable, hasSettings: boolean): Verdict {
    if (name === "TRAINER_SETTINGS" && !hasSettings && !ended.stderr.includes(name)) {
        return skipped(
            "it has no settings.schema.json and takes no settings: those of a stack have no effect",
        );
    }
    return namesAll(ended, [name], `for a wrong ${name}`);
}

function judgeData({ emptyData, dataFolder }: Refusals): Verdict {
    const ending = endsWith(emptyData, 3, "for wrong data");
    if (ending.mark !== "ok") {
        return ending;
    }
    const last = emptyData.stderr.trimEnd().split("\n").at(-1) ?? "";
    return last.includes(dataFolder)
        ? ending
        : wrong(
              `the last line of standard error does not name ${dataFolder}: place, fault, remedy`,
              emptyData.stderr,
          );
}
