import { describe, type Problem } from "./problems";
import { crossFieldProblems } from "./rules";
import { complete, schema, type StackConfig, type Values } from "./schema";
import { SECRET_KEYS } from "./secrets";
import { type StackText, writtenProblems } from "./written";
import { environmentProblems } from "./environmentRules";
import { ENVIRONMENTS } from "./environments";
import { mistake } from "../common/mistake";
import type { z } from "zod";

const SECRETS: ReadonlySet<string> = new Set(SECRET_KEYS);

/**
 * Checks a stack's configuration.
 *
 * @param values the stack's values by key, without the project's prefix
 * @param written the problems of values that differ from the text of the stack's file
 * @throws a mistake with every problem, one a line, path first, with the remedy
 */
export function parseConfig(values: Record<string, unknown>, written: readonly Problem[] = []): StackConfig {
    const result = schema.safeParse(values, { reportInput: true });
    const issues = result.success ? [] : result.error.issues;
    const changed = written.flatMap(({ on }) => on);
    const config = complete(result.success ? result.data : readable(values, issues));
    const faulty = [...issues.map(({ path }) => path.join(".")), ...changed];
    const problems = [
        ...written.map(({ text }) => text),
        ...issues
            .filter(({ path }) => !changed.includes(path.join(".")))
            .flatMap((issue) => describe(issue, schema, values)),
        ...[...crossFieldProblems(config), ...environmentProblems(config)]
            .filter((problem) => !faulty.some((path) => restsOn(problem, path, values)))
            .map(({ text }) => text),
    ];
    if (problems.length > 0) {
        const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
        throw mistake(
            `${count} in the stack's configuration; nothing was changed\n` +
                problems.map((problem) => `  ${problem}`).join("\n"),
        );
    }
    return config;
}

/** The values that can be read. Faulty values count as not given. */
function readable(values: Record<string, unknown>, issues: readonly z.core.$ZodIssue[]): Values {
    const left = structuredClone(values);
    for (const issue of issues) {
        const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
        for (const path of keys.length > 0 ? keys.map((key) => [...issue.path, key]) : [issue.path]) {
            remove(left, path);
        }
    }
    left.environment ??= ENVIRONMENTS[0];
    const result = schema.safeParse(left);
    return result.success ? result.data : readable(left, result.error.issues);
}

/** Removes a value. If the value is missing, removes the object that lacks it. */
function remove(values: Record<string, unknown>, path: readonly PropertyKey[]): void {
    const [key, ...rest] = path.map(String);
    const inner = values[key!];
    if (rest.length > 0 && typeof inner === "object" && inner !== null && rest[0]! in inner) {
        remove(inner as Record<string, unknown>, rest);
    } else {
        delete values[key!];
    }
}

/** Whether a problem rests on a faulty value. If a key is not given, its problems rest on the environment. */
function restsOn({ on }: Problem, faulty: string, values: Record<string, unknown>): boolean {
    const overlap = (key: string) => `${key}.`.startsWith(`${faulty}.`) || `${faulty}.`.startsWith(`${key}.`);
    return (
        on.some(overlap) || (faulty === "environment" && !on.every((key) => isGiven(values, key.split("."))))
    );
}

function isGiven(values: unknown, [key, ...rest]: string[]): boolean {
    const inner = (values as Record<string, unknown> | undefined)?.[key!];
    return inner !== undefined && (rest.length === 0 || isGiven(inner, rest));
}

/**
 * Checks a stack's configuration in the form in which Pulumi hands it over.
 *
 * @param texts values by full key
 * @param file the stack's file, to find values that differ from its text
 */
export function parseTexts(texts: Record<string, string>, project: string, file?: StackText): StackConfig {
    const prefix = `${project}:`;
    const values = Object.entries(texts)
        .filter(([key]) => key.startsWith(prefix) && !SECRETS.has(key.slice(prefix.length)))
        .map(([name, text]): [string, unknown] => {
            const key = name.slice(prefix.length);
            return [key, plain(key, text)];
        });
    const given = Object.fromEntries(values);
    return parseConfig(given, file === undefined ? [] : writtenProblems(given, project, file));
}

/**
 * The value of a text. Pulumi hands objects, numbers and booleans over as JSON text, and
 * strings as they are. A commit that has only digits stays a string.
 */
function plain(key: string, text: string): unknown {
    const field = (schema.shape as Record<string, z.ZodType | undefined>)[key];
    if (field?.safeParse(text).success) {
        return text;
    }
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
