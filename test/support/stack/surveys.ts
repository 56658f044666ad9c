import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";

import type { TestStack } from "./stack";

/** A survey that cannot be trained on: its fault, the way to make it, and the message of `up`. */
export type BadSurvey = [what: string, spoil: (folder: string) => void, says: (string | RegExp)[]];

/** Two faults of a survey's folder. The trainer's own tests have the others. */
export const BAD_SURVEYS: readonly BadSurvey[] = [
    [
        "truncated",
        (folder) => {
            const file = join(folder, segy(folder));
            truncateSync(file, readFileSync(file).length - 100);
        },
        [/exit code 3/, /\/data\/\S+\.sgy.*trace/],
    ],
    ["without labels", (folder) => rmSync(join(folder, "labels.csv")), [/exit code 3/, "/data/labels.csv"]],
];

/** Makes a survey in a folder of the stack's copy. */
export async function goodSurvey(stack: TestStack, image: string): Promise<string> {
    const folder = join(stack.folder, "good");
    mkdirSync(folder);
    await stack.engine.demoSurvey(image, folder, 128);
    return folder;
}

/** The same survey in another folder, with a fault. */
export function spoilt(survey: string, folder: string, spoil: (folder: string) => void): void {
    cpSync(survey, folder, { recursive: true });
    spoil(folder);
}

function segy(folder: string): string {
    return readdirSync(folder).find((name) => name.endsWith(".sgy"))!;
}
