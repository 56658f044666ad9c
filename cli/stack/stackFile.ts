/** Changes a value in Pulumi.<stack>.yaml, and leaves everything else of it as it stands. */
import { readFileSync, writeFileSync } from "node:fs";
import { Document, isScalar, parse, parseDocument, Scalar, YAMLMap } from "yaml";
import { mistake } from "../../common/mistake";
import { projectName } from "../local/checkout";

/** One value to set: `key` without the project's prefix, its parts parted by dots. */
export interface Change {
    readonly key: string;
    readonly value: string;
    /** Stands behind the value, for those who review the change. */
    readonly comment?: string;
}

/** Writes the changes, and tells which lines of the file they made: "release: a -> b". */
export function changeStackFile(file: string, changes: readonly Change[]): string[] {
    const { document, lines } = changed(file, changes);
    if (lines.length > 0) {
        // Not folded: a value stays on its line.
        writeFileSync(file, document.toString({ lineWidth: 0 }));
    }
    return lines;
}

/** The lines that the changes would make; the file stays as it is. */
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
    // Pulumi reads a key without the project's name as one with it.
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

/** A commit with a letter that no number has. */
const COMMIT = /^[0-9a-f]*[acdf][0-9a-f]*$/;

/** Whether Pulumi reads a value as the text that it is when it stands without quotes, for YAML 1.1 and 1.2 together. */
function isPlain(value: string): boolean {
    const isText = (version: "1.1" | "1.2") => parse(value, { version }) === value;
    return (/^[A-Za-z]/.test(value) || COMMIT.test(value)) && isText("1.1") && isText("1.2");
}
