/** Resources as the program declares them, in the form that rules read. */

/** Stands for a value that only the update will know. The rules see the value then. */
export const UNKNOWN: unique symbol = Symbol("unknown before the update");

/** A resource that is about to be made. */
export interface Declared {
    /** "docker:index/service:Service" */
    type: string;
    name: string;
    /** The types of the components that hold the resource, outermost first. */
    within: readonly string[];
    /** The resource's inputs, without the wrappings of secrets. */
    props: unknown;
    /**
     * The inputs of a resource that stands which keep the values of an earlier program (`ignoreChanges`). Only the pack
     * sees those values; the rules inside the program see the values of this program, and have no such list.
     */
    kept?: readonly string[];
}

/** The types of the components in a resource's URN: "urn:pulumi:stack::project::Component$type::name". */
export function withinOf(urn: string): string[] {
    return (urn.split("::")[2] ?? "").split("$").slice(0, -1);
}

/** The value at a path; undefined when there is none, UNKNOWN when the value is not known yet. */
export function at(value: unknown, ...path: string[]): unknown {
    let found = value;
    for (const key of path) {
        if (found === UNKNOWN || !isObject(found)) {
            return found === UNKNOWN ? UNKNOWN : undefined;
        }
        found = found[key];
    }
    return found ?? undefined;
}

/** The elements of a list; none when the value is no list, or not known yet. */
export function list(value: unknown): unknown[] {
    return Array.isArray(value) ? value : [];
}

/** The known texts of a list. */
export function texts(value: unknown): string[] {
    return list(value).filter((element) => typeof element === "string");
}

/** The names and known texts of an object. */
export function textEntries(value: unknown): [string, string][] {
    return isObject(value)
        ? Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string")
        : [];
}

/** Every known text in a value, at any depth. */
export function allTexts(value: unknown): string[] {
    if (typeof value === "string") {
        return [value];
    }
    return isObject(value) || Array.isArray(value) ? Object.values(value).flatMap(allTexts) : [];
}

/** A value as messages show it. */
export function shown(value: unknown): string {
    switch (value) {
        case undefined:
            return "nothing";
        case UNKNOWN:
            return "a value that is not known yet";
        default:
            return typeof value === "string" ? value : JSON.stringify(value);
    }
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
