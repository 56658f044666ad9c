/** Changes a value in Pulumi.<stack>.yaml, and leaves everything else in the file unchanged. */
import { readFileSync, writeFileSync } from "node:fs";
import { Document, isMap, isScalar, parse, parseDocument, Scalar, YAMLMap } from "yaml";
import { mistake } from "../../common/mistake";
import { projectName } from "../local/checkout";

/** A value to set or to remove. `key` has no project prefix, and dots separate its parts. */
export interface Change {
    readonly key: string;
    /** Undefined removes the key, and the maps that are empty without it. */
    readonly value: string | undefined;
    /** A comment behind the value, for the reviewers of the change. */
    readonly comment?: string;
}

/**
 * Writes the changes.
 *
 * @returns the changed lines: "release: a -> b"
 */
export function changeStackFile(file: string, changes: readonly Change[]): string[] {
    const { document, lines } = changed(file, changes);
    if (lines.length > 0) {
        // Do not fold lines, so a value stays on its line.
        writeFileSync(file, document.toString({ lineWidth: 0 }));
    }
    return lines;
}

/** The lines that the changes would make. The file stays unchanged. */
export function stackFileChanges(file: string, changes: readonly Change[]): string[] {
    return changed(file, changes).lines;
}

function changed(file: string, changes: readonly Change[]): { document: Document; lines: string[] } {
    const document = parseDocument(readFileSync(file, "utf8"));
    if (document.errors.length > 0 || !(document.contents instanceof YAMLMap)) {
        throw mistake(`${file}: not the YAML of a stack; correct it, or take it from git.`);
    }
    const project = projectName();
    return { document, lines: changes.flatMap((change) => apply(document, project, change)) };
}

function apply(document: Document, project: string, { key, value, comment }: Change): string[] {
    const path = pathOf(document, project, key);
    const node = document.getIn(path, true);
    const there = isScalar(node) ? node : undefined;
    const before = there?.value;
    if (value === undefined) {
        if (node === undefined) {
            return [];
        }
        remove(document, path);
        // The value may have been a secret.
        return [`${key}: removed`];
    }
    const scalar = new Scalar(value);
    if (!isPlain(value)) {
        scalar.type = Scalar.QUOTE_DOUBLE;
    }
    if (before === value && (scalar.type === undefined || there?.type !== Scalar.PLAIN)) {
        return [];
    }
    if (comment !== undefined) {
        scalar.comment = ` ${comment}`;
    }
    document.setIn(path, scalar);
    return [`${key}: ${typeof before === "string" ? before : "nothing"} -> ${value}`];
}

/** Removes a value, and the maps that would be empty without it. */
function remove(document: Document, path: readonly string[]): void {
    document.deleteIn(path);
    // The first two parts are "config" and the key of Pulumi.
    for (let up = path.slice(0, -1); up.length >= 2; up = up.slice(0, -1)) {
        const map = document.getIn(up, true);
        if (!(isMap(map) && map.items.length === 0)) {
            break;
        }
        document.deleteIn(up);
    }
}

/** @throws Mistake when a part of the key has a value, but no map */
function pathOf(document: Document, project: string, key: string): string[] {
    const [first, ...rest] = key.split(".");
    // For Pulumi, a key without the project's name means the key with it.
    const name = document.hasIn(["config", first]) ? first! : `${project}:${first}`;
    rest.forEach((_, at) => {
        const map: unknown = document.getIn(["config", name, ...rest.slice(0, at)], true);
        if (map !== undefined && !(isMap(map) && !isEncrypted(map))) {
            const parent = [first, ...rest.slice(0, at)].join(".");
            throw mistake(
                `${parent}: its value is a single text in the stack's file, so ${key} cannot be changed; ` +
                    `write it as a YAML map, a line for each key. Nothing was changed.`,
            );
        }
    });
    return ["config", name, ...rest];
}

/** The only key of a map that Pulumi takes for an encrypted text. */
export const ENCRYPTED = "secure";

function isEncrypted(map: YAMLMap): boolean {
    return map.items.length === 1 && map.has(ENCRYPTED);
}

/** A commit with a letter that cannot be part of a number. */
const COMMIT = /^[0-9a-f]*[acdf][0-9a-f]*$/;

/** Whether YAML 1.1 and YAML 1.2 both read a value without quotes as the same text. */
function isPlain(value: string): boolean {
    const isText = (version: "1.1" | "1.2") => parse(value, { version }) === value;
    return (/^[A-Za-z]/.test(value) || COMMIT.test(value)) && isText("1.1") && isText("1.2");
}
