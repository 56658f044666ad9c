/** Command lines of the scripts that release. */
import { parseArgs } from "node:util";
import { messageOf, SetupError } from "../setup/steps";

/** What an option is: a flag, or followed by a text. */
export type Options = Readonly<Record<string, "flag" | "text">>;

export type Parsed<O extends Options> = {
    readonly [K in keyof O]: O[K] extends "flag" ? boolean : string | undefined;
};

/**
 * Parses a command line strictly.
 *
 * @param usage what is shown when the command line is wrong
 */
export function parse<O extends Options>(args: readonly string[], options: O, usage: string): Parsed<O> {
    const config = Object.fromEntries(
        Object.entries(options).map(([name, kind]) => [
            name,
            { type: kind === "flag" ? ("boolean" as const) : ("string" as const) },
        ]),
    );
    try {
        const { values } = parseArgs({ args: [...args], options: config, strict: true });
        const entries = Object.entries(options).map(([name, kind]) => [
            name,
            values[name] ?? (kind === "flag" ? false : undefined),
        ]);
        return Object.fromEntries(entries) as Parsed<O>;
    } catch (error) {
        throw new SetupError(`${messageOf(error)}\n\n${usage}`);
    }
}

/** The text of an option that has to be there. */
export function needed(value: string | undefined, name: string, usage: string): string {
    if (value === undefined || value === "") {
        throw new SetupError(`--${name}: missing\n\n${usage}`);
    }
    return value;
}
