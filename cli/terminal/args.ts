/** Command lines of the scripts. */
import { parseArgs } from "node:util";
import { messageOf, SetupError, UsageAsked } from "./steps";

/** What an option is: a flag, or followed by a text. */
export type Options = Readonly<Record<string, "flag" | "text">>;

export type Parsed<O extends Options> = {
    readonly [K in keyof O]: O[K] extends "flag" ? boolean : string | undefined;
};

/** What npm, which takes beginnings of its own options for these, makes of some options of the scripts. */
const NPM_MEANS: Readonly<Record<string, string>> = {
    to: "token-description",
    replace: "replace-registry-host",
};

/**
 * Parses a command line strictly: what is not known, stray, given twice or empty is refused.
 *
 * @param usage what is shown when it is asked for, and when the command line is wrong
 * @param apart options of which one command line has one at most
 */
export function parse<O extends Options>(
    args: readonly string[],
    options: O,
    usage: string,
    apart: readonly (keyof O & string)[] = [],
): Parsed<O> {
    if (args.includes("--help") || args.includes("-h")) {
        throw new UsageAsked(usage);
    }
    const refuse = (problem: string): never => {
        throw new SetupError(`${problem}\n\n${usage}`);
    };
    const kept = keptByNpm(Object.keys(options));
    if (kept !== undefined) {
        refuse(kept);
    }
    const values = parsed(args, options, refuse);
    const both = apart.filter((name) => values[name] !== undefined);
    if (both.length > 1) {
        refuse(`${both.map((name) => `--${name}`).join(" and ")}: give one of them. Nothing was changed.`);
    }
    const entries = Object.entries(options).map(([name, kind]) => [
        name,
        values[name] ?? (kind === "flag" ? false : undefined),
    ]);
    return Object.fromEntries(entries) as Parsed<O>;
}

function parsed(
    args: readonly string[],
    options: Options,
    refuse: (problem: string) => never,
): Record<string, string | boolean | undefined> {
    const config = Object.fromEntries(
        Object.entries(options).map(([name, kind]) => [
            name,
            { type: kind === "flag" ? ("boolean" as const) : ("string" as const) },
        ]),
    );
    let found;
    try {
        found = parseArgs({ args: [...args], options: config, strict: true, tokens: true });
    } catch (error) {
        return refuse(messageOf(error));
    }
    const names = found.tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) {
        refuse(`--${twice}: given twice. Nothing was changed.`);
    }
    const empty = names.find((name) => found.values[name] === "");
    if (empty !== undefined) {
        refuse(`--${empty}: got nothing; give a value, or leave it out. Nothing was changed.`);
    }
    return found.values;
}

/**
 * What to say of an option that stood before `--`, or without it, which npm keeps for itself.
 *
 * @param names options of a script, without dashes
 */
export function keptByNpm(
    names: readonly string[],
    env: NodeJS.ProcessEnv = process.env,
): string | undefined {
    const kept = names.find((name) => {
        const value = (option: string) => env[`npm_config_${option.replaceAll("-", "_")}`];
        // "--no-x" is for npm that x is false, which it tells as an empty text.
        const isOff = name.startsWith("no-") && value(name.slice("no-".length)) === "";
        return isOff || [name, NPM_MEANS[name] ?? name].some((it) => (value(it) ?? "") !== "");
    });
    return kept === undefined
        ? undefined
        : `--${kept}: npm kept it for itself. Put -- before the options: ` +
              `npm run ${env.npm_lifecycle_event ?? "NAME"} -- --${kept} …, or take it out of npm's own settings. ` +
              "Nothing was changed.";
}

/** The text of an option that has to be there. */
export function needed(value: string | undefined, name: string, usage: string): string {
    if (value === undefined || value === "") {
        throw new SetupError(`--${name}: missing\n\n${usage}`);
    }
    return value;
}
