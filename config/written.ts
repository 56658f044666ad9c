/**
 * Reads the stack's file as text, because Pulumi hands over values that YAML has changed: "1.1" for `1.10`
 * without quotes, "5.912e+37" for `5912e34`, 83 for `0123`, and a date with its time of day for a date.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { isAlias, isScalar, parse, parseDocument, Scalar } from "yaml";

import type { Problem } from "./problems";

/** The stack's file and its text; the text is undefined when there is no file. */
export interface StackText {
    name: string;
    text: string | undefined;
}

/**
 * This variable names the file that a run was given in place of the stack's own. `pulumi
 * --config-file` tells the program nothing.
 */
export const FILE_VARIABLE = "STACK_CONFIG_FILE";

/** The file that a stack's configuration comes from, in the folder of the project. */
export function stackText(stack: string): StackText {
    const file = process.env[FILE_VARIABLE] ?? `Pulumi.${stack}.yaml`;
    return { name: basename(file), text: existsSync(file) ? readFileSync(file, "utf8") : undefined };
}

/**
 * Pulumi's spelling of numbers, true, false, dates and empty values: "1.1", "5.9e+37", "2024-01-02 00:00:00 +0000 UTC".
 */
const READ = /^(|-?\d+(\.\d+)?(e[+-]\d+)?|true|false|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*)$/;

/**
 * Finds the values that differ from the text of the file.
 *
 * @param values as Pulumi hands them over, by key without the project's prefix
 */
export function writtenProblems(
    values: Record<string, unknown>,
    project: string,
    { name, text }: StackText,
): Problem[] {
    const document = parseDocument(text ?? "");
    const written = (path: readonly string[]): Scalar | undefined => {
        const [key, ...rest] = path;
        const nodes = [`${project}:${key}`, key].map((it) => document.getIn(["config", it, ...rest], true));
        const node = nodes.find((it) => it !== undefined);
        const value = isAlias(node) ? node.resolve(document) : node;
        return isScalar(value) ? value : undefined;
    };
    return leavesOf(values).flatMap(([path, value]) => {
        const said = problemOf(value, written(path), name);
        const at = path.join(".");
        return said === undefined ? [] : [{ on: [at], text: `${at}: got ${JSON.stringify(value)}${said}` }];
    });
}

function problemOf(value: unknown, scalar: Scalar | undefined, file: string): string | undefined {
    const source = scalar?.type === Scalar.PLAIN ? (scalar.source ?? "") : undefined;
    if (typeof value === "number") {
        return source !== undefined && /^[-+]?0\d/.test(source) && Number(source) !== value
            ? `, which YAML makes of ${source} in ${file}; write it without the 0 in front, or in quotes if it is a text`
            : undefined;
    }
    if (typeof value !== "string" || !READ.test(value)) {
        return undefined;
    }
    if (source === "" && value === "") {
        return `, as ${file} gives no value; give one, or take the key away`;
    }
    if (value === (source ?? scalar?.value)) {
        return undefined;
    }
    if (source !== undefined && isRead(source)) {
        return `, which YAML makes of ${source} in ${file}; write it in quotes: "${source}"`;
    }
    return (
        `, and whether that is what was written cannot be seen in ${file}; ` +
        `name the file that it comes from in the variable ${FILE_VARIABLE}`
    );
}

/** Whether YAML reads a text without quotes as something else than a text. */
function isRead(source: string): boolean {
    return (["1.1", "1.2"] as const).some((version) => typeof parse(source, { version }) !== "string");
}

type Leaf = [path: string[], value: unknown];

function leavesOf(values: Record<string, unknown>): Leaf[] {
    return Object.entries(values).flatMap(([key, value]): Leaf[] =>
        typeof value === "object" && value !== null && !Array.isArray(value)
            ? leavesOf(value as Record<string, unknown>).map(([path, leaf]): Leaf => [[key, ...path], leaf])
            : [[[key], value]],
    );
}
