/** The command line of `npm start -- ARGS`. It is the command line of `pulumi up`. */
import { parseArgs } from "node:util";
import { mistake } from "../../common/mistake";
import { keptByNpm } from "../terminal/args";
import { UsageAsked } from "../terminal/steps";
import { DEFAULT_STACK } from "./stackName";

export interface StartArgs {
    readonly stack: string;
    /** Arguments of `pulumi up`. */
    readonly up: readonly string[];
}

const USAGE = `npm start -- [--stack STACK] [OPTIONS]

Sets up what is missing, brings a stack up, and says where things are.

  --stack STACK   the stack, made if there is none; without it, dev
  OPTIONS         those of pulumi up`;
/** Options of `pulumi up` with a value behind a space, and their letters. */
const TEXTS: Readonly<Record<string, string | undefined>> = {
    client: undefined,
    color: undefined,
    config: "c",
    "config-file": undefined,
    cwd: "C",
    "event-log": undefined,
    exclude: undefined,
    message: "m",
    parallel: "p",
    plan: undefined,
    "policy-pack": undefined,
    "policy-pack-config": undefined,
    replace: undefined,
    "secrets-provider": undefined,
    stack: "s",
    target: "t",
    "target-replace": undefined,
    tracing: undefined,
    verbose: "v",
};
/** Options without a value that change the result of an update. */
const FLAGS = [
    ...["config-path", "diff", "exclude-dependents", "expect-no-changes", "preview-only", "refresh"],
    ...["run-program", "show-secrets", "skip-preview", "target-dependents"],
];
/** The options that npm must not keep for itself. It may keep `yes`, because that is the answer anyway. */
export const PULUMI_OPTIONS = [...Object.keys(TEXTS), ...FLAGS];
/** Answers to "do you want to perform this update?". Without one of them, `npm start` answers yes. */
const ANSWERS = ["yes", "y", "skip-preview", "f", "preview-only"];

export function startArgs(args: readonly string[], env: NodeJS.ProcessEnv = process.env): StartArgs {
    if (args.includes("--help") || args.includes("-h")) {
        throw new UsageAsked(USAGE);
    }
    const tokens = tokensOf(args);
    const stray = tokens.find(({ kind }) => kind !== "option");
    const given = tokens.flatMap((token) => (token.kind === "option" ? [token] : []));
    const stacks = stacksIn(args);
    const problem =
        keptByNpm("start", PULUMI_OPTIONS, env) ??
        (stray === undefined ? undefined : `got ${args[stray.index]}, which is no option`) ??
        (stacks.length > 1 ? "--stack: given twice" : undefined) ??
        (stacks.length === 1 && !isName(stacks[0]) ? "--stack: missing; give the stack's name" : undefined);
    if (problem !== undefined) {
        throw mistake(`${problem}\n\n${USAGE}`);
    }
    const [stack] = stacks;
    const up = [...args];
    if (stack === undefined) {
        up.push("--stack", DEFAULT_STACK);
    }
    if (!given.some(({ name }) => ANSWERS.includes(name))) {
        up.push("--yes");
    }
    // The outputs hold all releases. A short summary follows instead.
    up.push("--suppress-outputs");
    return { stack: stack ?? DEFAULT_STACK, up };
}

/** The words of a command line of pulumi, with the values of its options. */
function tokensOf(args: readonly string[]) {
    const options = Object.fromEntries(
        Object.entries(TEXTS).map(([name, short]) => [
            name,
            { type: "string" as const, multiple: true, ...(short === undefined ? {} : { short }) },
        ]),
    );
    return parseArgs({ args: [...args], options, strict: false, tokens: true }).tokens;
}

/** The values of --stack on a command line of pulumi; undefined for one without a value. */
export function stacksIn(args: readonly string[]): (string | undefined)[] {
    return tokensOf(args).flatMap((token) =>
        token.kind === "option" && token.name === "stack" ? [token.value?.replace(/^=/, "")] : [],
    );
}

function isName(text: string | undefined): boolean {
    return text !== undefined && text !== "" && !text.startsWith("-");
}
