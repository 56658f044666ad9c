/** Resources as the program declares them, in the form that rules read. */

/** A value that only the update will know; the rules see it then. */
export const UNKNOWN: unique symbol = Symbol("unknown before the update");

/** A resource that is about to be made. */
export interface Declared {
    /** "docker:index/service:Service" */
    type: string;
    name: string;
    /** The types of the components that hold it, outermost first. */
    within: readonly string[];
    /** Its inputs, without secrets' wrappings. */
    props: unknown;
}

/** The parts of a resource's URN that say what it is; "urn:pulumi:stack::project::Component$type::name". */
export function withinOf(urn: string): string[] {
    return (urn.split("::")[2] ?? "").split("$").slice(0, -1);
}

/** The value at a path; undefined when there is none, UNKNOWN when it is not known yet. */
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

/** The elements of a list; none when it is not there, or not known yet. */
export function list(value: unknown): unknown[] {
    return Array.isArray(value) ? value : [];
}

/** The known texts of a list. */
export function texts(value: unknown): string[] {
    return list(value).filter((element) => typeof element === "string");
}

/** Names and known texts of an object whose values are texts. */
export function textEntries(value: unknown): [string, string][] {
    return isObject(value)
        ? Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string")
        : [];
}

/** Every known text in a value, however deep. */
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
