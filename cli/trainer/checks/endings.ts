/** How programs of a trainer may end. Pure. */
import contract from "../../../contract/trainer.schema.json";
import { PROGRESS_PREFIX } from "../../../contract/names";
import { parseJson } from "../../../common/json";
import { checkOf } from "../../../contract/checks";
import { ok, skipped, type Verdict, wrong } from "../lines";
import type { Ended } from "../programs";

const { $defs } = contract;
const MEANINGS = new Map($defs.exitCode.oneOf.map((it) => [it.const, it.title]));
const STAGES: readonly string[] = $defs.stage.oneOf.map((it) => it.const);

export function seconds(ms: number): string {
    return `${(ms / 1000).toFixed(1)} s`;
}

/** "exit code 1 (defect)", or that it did not end. */
export function endOf({ code, ms }: Ended): string {
    if (code === undefined) {
        return `it did not end within ${seconds(ms)}`;
    }
    const meaning = MEANINGS.get(code);
    return `exit code ${code}${meaning === undefined ? "" : ` (${meaning})`}`;
}

/** Whether a program ended with a code of the contract. */
export function endsWith(ended: Ended, code: number, when: string): Verdict {
    return ended.code === code
        ? ok(seconds(ended.ms))
        : wrong(`${endOf(ended)}; needs ${code} (${MEANINGS.get(code)}) ${when}`, ended.stderr);
}

/** The definition that a result follows. */
type Printed = "result" | "unregisteredResult";
type Value = Readonly<Record<string, unknown>>;

/** The object that a successful run printed; undefined if there is none. */
export function printedBy(ended: Ended | undefined, definition: Printed): Value | undefined {
    const result = ended?.code === 0 ? resultOf(ended.stdout, definition) : undefined;
    return result !== undefined && "value" in result ? result.value : undefined;
}

/** Whether a successful run printed its result and nothing else. */
export function judgeLine(ended: Ended, definition: Printed): Verdict {
    if (ended.code !== 0) {
        return skipped("the run did not succeed");
    }
    const result = resultOf(ended.stdout, definition);
    return "problem" in result ? wrong(result.problem, ended.stdout) : ok();
}

/** What a run printed, or the verdict on one that failed or printed no result. */
export function printedOrVerdict(ended: Ended, when: string): { readonly value: Value } | Verdict {
    const ending = endsWith(ended, 0, when);
    if (ending.mark !== "ok") {
        return ending;
    }
    const result = resultOf(ended.stdout, "result");
    return "problem" in result ? wrong(result.problem, ended.stdout) : result;
}

/** The problems of a value by a definition of the contract. */
export function problemsBy(definition: Parameters<typeof checkOf>[0], value: unknown): string[] {
    const { error } = checkOf(definition).safeParse(value);
    return error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
}

/** The object of the one line on standard output, or the problem with it. */
function resultOf(
    stdout: string,
    definition: Printed,
): { readonly value: Value } | { readonly problem: string } {
    const lines = stdout.split("\n").filter((line) => line !== "");
    if (lines.length !== 1) {
        return {
            problem:
                `${lines.length} lines on standard output; needs the result's line and nothing else. ` +
                "Send everything else to standard error, also what libraries print",
        };
    }
    const value = parseJson(lines[0]!);
    if (typeof value !== "object" || value === null) {
        return { problem: "the line on standard output is no JSON object" };
    }
    const problems = problemsBy(definition, value);
    return problems.length === 0
        ? { value: value as Value }
        : { problem: `by contract/trainer.schema.json (${definition}): ${problems.join("; ")}` };
}

/** The lines that say they are progress. */
export function progressLines(stderr: string): string[] {
    return stderr.split("\n").filter((line) => line.startsWith(PROGRESS_PREFIX.trim()));
}

/** Lines of progress: each of the contract's form, and the stages in the contract's order. */
export function judgeProgress(stderr: string): Verdict {
    const lines = progressLines(stderr);
    const stages: string[] = [];
    const progress = checkOf("progress");
    for (const line of lines) {
        const value = line.startsWith(PROGRESS_PREFIX)
            ? parseJson(line.slice(PROGRESS_PREFIX.length))
            : undefined;
        const { success, data, error } = progress.safeParse(value);
        if (!success) {
            return wrong(`a line is not of the form: ${error.issues[0]!.message}`, line);
        }
        stages.push((data as { stage: string }).stage);
    }
    const at = stages.map((stage) => STAGES.indexOf(stage));
    const back = at.findIndex((place, index) => index > 0 && place < at[index - 1]!);
    if (back > 0) {
        return wrong(`${stages[back]} comes after ${stages[back - 1]}; the order is ${STAGES.join(", ")}`);
    }
    return lines.length === 0
        ? { mark: "missing", found: "no line of progress: the display shows only that the training runs" }
        : ok([...new Set(stages)].join(", "));
}

/** SIGTERM: the trainer must catch it, because it is process 1 of its container. */
export function judgeStop(ended: Ended, code: number, within: number): Verdict {
    if (ended.signal === "SIGTERM") {
        return wrong(
            "the signal itself ended it. In its container the trainer is process 1, which the kernel protects from signals " +
                `without a handler: it would be killed after its time. Handle SIGTERM, and exit with ${code}`,
        );
    }
    if (ended.code !== code) {
        return wrong(`${endOf(ended)}; needs ${code} after SIGTERM`, ended.stderr);
    }
    return ended.ms <= within
        ? ok(`${seconds(ended.ms)} after the signal`)
        : wrong(`it took ${seconds(ended.ms)} after SIGTERM; the engine kills it after ${seconds(within)}`);
}
