import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";

/**
 * A problem that zod found, as lines of "path: what was given; what to do".
 *
 * @param schema what the values were checked against
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
        case "invalid_value":
            return [`${at}: got ${show(issue.input)}; allowed: ${issue.values.map(String).join(", ")}`];
        case "invalid_union":
            return [`${at}: got ${show(issue.input)}; allowed: demo, folder`];
        case "invalid_type":
            if (issue.input === undefined) {
                return [`${at}: missing; set it with: pulumi config set --path '${at}' VALUE`];
            }
            return [`${at}: got ${show(issue.input)}; ${needs(issue)}`];
        default:
            return [`${at}: got ${show(issue.input)}; ${issue.message}`];
    }
}

function needs(issue: z.core.$ZodIssueInvalidType): string {
    // A message of ours says what is needed; zod's own begins with "Invalid input".
    return issue.message.startsWith("needs") ? issue.message : `needs a ${issue.expected}`;
}

function suggestion(key: string, known: string[]): string {
    const nearest = known.length > 0 ? closest(key, known) : undefined;
    // Further apart than half its length, a "nearest" key is no help.
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
    return here instanceof z.ZodObject ? (here.shape as Record<PropertyKey, unknown>)[step] : undefined;
}

/** Strips defaults, and takes the member of the union that the value's `source` names. */
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

function show(value: unknown): string {
    return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}
