/** Changes a value in Pulumi.<stack>.yaml, and leaves everything else in the file unchanged. */
import { readFileSync, writeFileSync } from "node:fs";
import { Document, isScalar, parse, parseDocument, Scalar, YAMLMap } from "yaml";
import { mistake } from "../../common/mistake";
import { projectName } from "../local/checkout";

/** A value to set. `key` has no project prefix, and dots separate its parts. */
export interface Change {
    readonly key: string;
    readonly value: string;
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
    const [first, ...rest] = key.split(".");
    // For Pulumi, a key without the project's name means the key with it.
    const name = document.hasIn(["config", first]) ? first! : `${project}:${first}`;
    const path = ["config", name, ...rest];
    const node = document.getIn(path, true);
    const there = isScalar(node) ? node : undefined;
    const before = there?.value;
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

/** A commit with a letter that cannot be part of a number. */
const COMMIT = /^[0-9a-f]*[acdf][0-9a-f]*$/;

/** Whether YAML 1.1 and YAML 1.2 both read a value without quotes as the same text. */
function isPlain(value: string): boolean {
    const isText = (version: "1.1" | "1.2") => parse(value, { version }) === value;
    return (/^[A-Za-z]/.test(value) || COMMIT.test(value)) && isText("1.1") && isText("1.2");
}
