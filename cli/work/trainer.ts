/** Makes a trainer, or checks one against the contract. */
import { relative, resolve } from "node:path";
import { mistake } from "../../common/mistake";
import { CHECKOUT } from "../local/paths";
import { checkTrainer } from "../trainer/checking";
import { closing, type Part, partText, passes } from "../trainer/lines";
import { type NewTrainer, makeNew, nextSteps, planNew } from "../trainer/new/making";
import { sortImports } from "../trainer/new/imports";
import { readSource } from "../trainer/source";
import { step } from "../terminal/steps";

export interface TrainerOptions {
    readonly from: string | undefined;
    readonly path: string | undefined;
    readonly package: string | undefined;
    readonly python: string | undefined;
    readonly data: string | undefined;
    readonly within: string | undefined;
    readonly json: boolean;
    readonly "dry-run": boolean;
}

/** The options that only one of the actions takes. */
const OF = {
    new: ["from", "path", "dry-run"],
    check: ["package", "python", "data", "within", "json"],
} as const satisfies Record<string, readonly (keyof TrainerOptions)[]>;
const UNCHANGED = "Nothing was changed.";
/** A training of the check takes seconds; a busy machine takes minutes. */
const WITHIN_SECONDS = "300";

export async function trainer(
    given: TrainerOptions,
    words: readonly string[],
    folder: string,
): Promise<number> {
    const [action, subject, ...rest] = words;
    if ((action !== "check" && action !== "new") || subject === undefined || rest.length > 0) {
        throw mistake(
            `trainer: got ${words.join(" ") || "nothing"}; give check PATH or new NAME. ${UNCHANGED}`,
        );
    }
    const stray = OF[action === "new" ? "check" : "new"].find(
        (name) => given[name] !== undefined && given[name] !== false,
    );
    if (stray !== undefined) {
        throw mistake(`--${stray}: it has no meaning for trainer ${action}. ${UNCHANGED}`);
    }
    return action === "new"
        ? make(planNew({ name: subject, from: given.from, path: given.path }), given["dry-run"])
        : check(resolve(folder, subject), given);
}

async function make(plan: NewTrainer, isDry: boolean): Promise<number> {
    const path = relative(CHECKOUT, plan.folder);
    if (isDry) {
        console.log(`${path} would be made from ${plan.source.path}:`);
        console.log(plan.files.map(({ target }) => `  ${path}/${target}`).join("\n"));
        console.log(`\n${UNCHANGED}`);
        return 0;
    }
    makeNew(plan);
    const unsorted = await sortImports(plan.folder);
    console.log(`${path} is made from ${plan.source.path}, with the package ${plan.package}.\n`);
    console.log([...nextSteps(plan), ...unsorted].join("\n"));
    return 0;
}

async function check(folder: string, given: TrainerOptions): Promise<number> {
    const parts: Part[] = [];
    const checking = {
        source: readSource(folder, given.package),
        python: given.python,
        data: given.data,
        limitMs: secondsOf(given.within ?? WITHIN_SECONDS) * 1000,
        step: given.json ? quietly : step,
    };
    for await (const part of checkTrainer(checking)) {
        parts.push(part);
        if (!given.json) {
            console.log(`\n${partText(part)}\n`);
        }
    }
    const isFine = passes(parts);
    console.log(given.json ? JSON.stringify({ ok: isFine, parts }, null, 2) : closing(parts));
    return isFine ? 0 : 1;
}

/** Nobody sees the progress of a report for a program. */
const quietly: typeof step = (_, work) => work(() => undefined);

function secondsOf(text: string): number {
    if (!/^[1-9]\d*$/.test(text)) {
        throw mistake(`--within: got ${text}; needs a number of seconds. ${UNCHANGED}`);
    }
    return Number(text);
}
