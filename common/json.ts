/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/** A file that is read as YAML, of which JSON is a part; a library for the rest takes each `up` some 35 ms to load. */
export function asYaml(content: unknown): string {
    return `${JSON.stringify(content, null, 2)}\n`;
}
