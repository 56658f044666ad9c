/** Resources with data that no `up` makes again, and the effect of their end. */
import type { ResourceChange } from "./preview";

const LOSSES: Readonly<Record<string, string>> = {
    "docker:index/volume:Volume": "the stack would begin with an empty one; the old one stays on the engine",
    "random:index/randomPassword:RandomPassword": "whoever has the password now would need the new one",
};
const ENDS: ReadonlySet<string> = new Set(["delete", "replace", "discard", "remove-pending-replace"]);

/** A line for each stateful resource that would be replaced or deleted. */
export function losses(changes: readonly ResourceChange[]): string[] {
    return changes.flatMap(({ op, type, name }) => {
        const loss = LOSSES[type];
        return loss === undefined || !ENDS.has(op) ? [] : [`${name} would be ${past(op)}: ${loss}`];
    });
}

function past(op: string): string {
    return op === "replace" ? "replaced" : "deleted";
}
