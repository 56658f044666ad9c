import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";

/** Values that do not go together. */
export interface Problem {
    /** The keys whose values the problem rests on. The problem is told only if each of these values could be read. */
    on: readonly string[];
    /** "path: what was given; what to do" */
    text: string;
}

/**
 * A problem that zod found, as lines of "path: what was given; what to do".
 *
 * @param schema the schema by which the values were checked
 */
export function describe(issue: z.core.$ZodIssue, schema: z.ZodType, values: unknown): string[] {
    const at = issue.path.map(String).join(".");
    switch (issue.code) {
        case "unrecognized_keys": {
            const known = knownKeys(issue.path, schema, values);
            return issue.keys.map((key) => {
                const path = at === "" ? key : `${at}.${key}`;
                return `${path}: no such key; ${suggestion(key, known)}`;
            });
        }
        case "invalid_type":
            if (issue.input === undefined) {
                return [`${at}: missing; set it with: pulumi config set --path '${at}' VALUE`];
            }
            return isQuoted(issue)
                ? [`${at}: got ${JSON.stringify(issue.input)}, a text; ${needs(issue)}, without quotes`]
                : [`${at}: got ${show(issue.input)}; ${needs(issue)}${inQuotes(issue, schema, values)}`];
        case "invalid_key":
            return issue.issues.map((inner) => `${at}: ${needs(inner)}`);
        case "invalid_union":
            return [unionProblem(at, issue)];
        default:
            return [`${at}: got ${show(issue.input)}; ${needs(issue)}`];
    }
}

/** Says what a value must be, in the schema's own words if it has some. */
function needs(issue: z.core.$ZodIssue): string {
    if (issue.message.startsWith("needs")) {
        return issue.message;
    }
    switch (issue.code) {
        case "invalid_type":
            return `needs ${ARTICLES[issue.expected] ?? issue.expected}`;
        case "invalid_value":
            return `allowed: ${issue.values.map(String).join(", ")}`;
        case "too_small":
        case "too_big":
            return `needs ${bound(issue)}`;
        case "invalid_format":
            return `needs a text that matches ${issue.pattern ?? issue.format}`;
        case "not_multiple_of":
            return `needs a multiple of ${issue.divisor}`;
        default:
            return issue.message;
    }
}

const ARTICLES: Record<string, string> = {
    string: "a text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    object: "keys with values below it",
    record: "keys with values below it",
    array: "a list",
};

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
    const [word, limit] =
        issue.code === "too_small"
            ? [issue.inclusive === false ? "more than" : "at least", issue.minimum]
            : [issue.inclusive === false ? "less than" : "at most", issue.maximum];
    return `${word} ${limit}${issue.origin === "string" ? " characters" : ""}`;
}

/** For a union whose members have names, lists the names. For any other union, says what each member needs. */
function unionProblem(at: string, issue: z.core.$ZodIssueInvalidUnion): string {
    const { discriminator, options } = issue as { discriminator?: string; options?: unknown[] };
    if (discriminator !== undefined && options !== undefined) {
        const given = (issue.input as Record<string, unknown> | undefined)?.[discriminator];
        const got = given === undefined ? "missing" : `got ${show(given)}`;
        return `${at}: ${got}; allowed: ${options.map(String).join(", ")}`;
    }
    const members = issue.errors.flatMap((errors) => errors.map((it) => needs(it).replace(/^needs /, "")));
    const needed = issue.message.startsWith("needs")
        ? issue.message
        : `needs ${[...new Set(members)].join(", or ")}`;
    return `${at}: got ${show(issue.input)}; ${needed}`;
}

function suggestion(key: string, known: string[]): string {
    const nearest = known.length > 0 ? closest(key, known) : undefined;
    // A key that differs by more than half of its letters is no help.
    return nearest !== undefined && distance(key, nearest) <= Math.ceil(key.length / 2)
        ? `did you mean ${nearest}?`
        : `known here: ${known.join(", ")}`;
}

/** The keys that the schema knows at a path. */
function knownKeys(path: PropertyKey[], schema: z.ZodType, values: unknown): string[] {
    let node: unknown = schema;
    let value: unknown = values;
    for (const step of path) {
        node = child(node, step, value);
        value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
    }
    const here = unwrap(node, value);
    return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function child(node: unknown, step: PropertyKey, value: unknown): unknown {
    const here = unwrap(node, value);
    if (here instanceof z.ZodRecord) {
        return here.valueType;
    }
    return here instanceof z.ZodObject ? (here.shape as Record<PropertyKey, unknown>)[step] : undefined;
}

/** Strips defaults. From a union, takes the member that the value's `source` names. */
function unwrap(node: unknown, value: unknown): unknown {
    if (node instanceof z.ZodDefault || node instanceof z.ZodPrefault || node instanceof z.ZodOptional) {
        return unwrap(node.unwrap(), value);
    }
    if (node instanceof z.ZodDiscriminatedUnion) {
        const source = (value as { source?: unknown } | undefined)?.source;
        return node.options.find((option) => {
            const literal: unknown = option instanceof z.ZodObject ? option.shape.source : undefined;
            return literal instanceof z.ZodLiteral && literal.safeParse(source).success;
        });
    }
    return node;
}

/**
 * A value as it was given. A text has quotes if it is empty, or if a reader could not see
 * its spaces or control characters.
 */
function show(value: unknown): string {
    return typeof value === "string" &&
        /^[^\s\u0000-\u001f]([^\u0000-\u001f]*[^\s\u0000-\u001f])?$/.test(value)
        ? value
        : (JSON.stringify(value) ?? "nothing");
}

/** Advises quotes for a number, true or false, if the same value would do as a text. */
function inQuotes({ path, input }: z.core.$ZodIssue, schema: z.ZodType, values: unknown): string {
    if (typeof input !== "number" && typeof input !== "boolean") {
        return "";
    }
    const given = structuredClone(values) as Record<PropertyKey, unknown>;
    const inner = path.slice(0, -1).reduce<unknown>((at, step) => (at as typeof given)[step], given);
    (inner as typeof given)[path.at(-1)!] = String(input);
    const left = schema.safeParse(given).error?.issues ?? [];
    return left.some((issue) => issue.path.join(".") === path.join("."))
        ? ""
        : `; write it in quotes: "${input}"`;
}

/** Whether a text spells a value that must be given without quotes. */
function isQuoted({ input, expected }: z.core.$ZodIssueInvalidType): boolean {
    const numbers: string[] = ["number", "int"];
    return typeof input === "string" && input.trim() !== ""
        ? (numbers.includes(expected) && Number.isFinite(Number(input))) ||
              (expected === "boolean" && /^(true|false)$/.test(input))
        : false;
}
