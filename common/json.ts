/** The value of a JSON text; undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/**
 * The text of a file that is read as YAML. JSON is a part of YAML. A library for all of
 * YAML takes each `up` some 35 ms to load.
 */
export function asYaml(content: unknown): string {
    return `${JSON.stringify(content, null, 2)}\n`;
}
