/** Changes a value in Pulumi.<stack>.yaml, and leaves everything else of it as it stands. */
import { readFileSync, writeFileSync } from "node:fs";
import { Document, parseDocument, Scalar, YAMLMap } from "yaml";
import { projectName } from "../setup/checkout";
import { SetupError } from "../setup/steps";

/** One value to set: `key` without the project's prefix, its parts parted by dots. */
export interface Change {
    readonly key: string;
    readonly value: string;
    /** Stands behind the value, for those who review the change. */
    readonly comment?: string;
}

/** Writes the changes, and tells which lines of the file they made: "release: a -> b". */
export function changeStackFile(file: string, changes: readonly Change[]): string[] {
    const document = parseDocument(readFileSync(file, "utf8"));
    if (document.errors.length > 0 || !(document.contents instanceof YAMLMap)) {
        throw new SetupError(`${file}: not the YAML of a stack; correct it, or take it from git.`);
    }
    const project = projectName();
    const lines = changes.flatMap((change) => apply(document, project, change));
    if (lines.length > 0) {
        // Not folded: a value stays on its line.
        writeFileSync(file, document.toString({ lineWidth: 0 }));
    }
    return lines;
}

function apply(document: Document, project: string, { key, value, comment }: Change): string[] {
    const path = ["config", ...`${project}:${key}`.split(".")];
    const before = document.getIn(path);
    if (before === value) {
        return [];
    }
    const scalar = new Scalar(value);
    if (comment !== undefined) {
        scalar.comment = ` ${comment}`;
    }
    document.setIn(path, scalar);
    return [`${key}: ${typeof before === "string" ? before : "nothing"} -> ${value}`];
}
