/** The value of a JSON text; undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/** A JSON text that is the same for equal values, in whatever order their keys are. */
export function sortedJson(content: unknown): string {
    return JSON.stringify(content, (_key, value: unknown) =>
        typeof value === "object" && value !== null && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
            : value,
    );
}

/**
 * The text of a file that is read as YAML. JSON is a part of YAML. A library for all of
 * YAML takes each `up` some 35 ms to load.
 */
export function asYaml(content: unknown): string {
    return `${JSON.stringify(content, null, 2)}\n`;
}
