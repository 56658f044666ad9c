import { cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { TestStack } from "./stack";

const LABELS = "labels.csv";

/** Folders of surveys that differ in their sample count. */
export interface Surveys {
    good: string;
    other: string;
}

/** A survey that cannot be trained on: what is wrong with it, how it comes about, what `up` must say. */
export type BadSurvey = [what: string, make: (folder: string) => void, says: (string | RegExp)[]];

/** Two good surveys of 128 and of 96 samples, in folders of the stack's copy. */
export async function goodSurveys(stack: TestStack, image: string): Promise<Surveys> {
    const folders = { good: join(stack.folder, "good"), other: join(stack.folder, "other") };
    for (const [folder, samples] of [
        [folders.good, 128],
        [folders.other, 96],
    ] as const) {
        mkdirSync(folder);
        await stack.engine.demoSurvey(image, folder, samples);
    }
    return folders;
}

/** Each way in which a folder is no survey. */
export function badSurveys(folders: () => Surveys): BadSurvey[] {
    const copy = (folder: string) => {
        cpSync(folders().good, folder, { recursive: true });
        return join(folder, segy(folder));
    };
    const relabel = (folder: string, change: (label: string, line: number) => string) => {
        copy(folder);
        const [header, ...lines] = readFileSync(join(folder, LABELS), "utf8").trimEnd().split("\n");
        const changed = lines.map((line, index) => {
            const comma = line.lastIndexOf(",");
            return `${line.slice(0, comma)},${change(line.slice(comma + 1).trim(), index)}`;
        });
        writeFileSync(join(folder, LABELS), [header, ...changed, ""].join("\n"));
    };
    return [
        ["empty", (folder) => mkdirSync(folder), [/exit code 3/, "no SEG-Y file was found in it"]],
        [
            "no SEG-Y",
            (folder) => {
                mkdirSync(folder);
                writeFileSync(join(folder, "line.sgy"), "this is no SEG-Y");
                writeFileSync(join(folder, LABELS), "file,trace,label\nline.sgy,1,normal\n");
            },
            [/exit code 3/, "/data/line.sgy"],
        ],
        [
            "truncated",
            (folder) => {
                const file = copy(folder);
                truncateSync(file, readFileSync(file).length - 100);
            },
            [/exit code 3/, /\/data\/\S+\.sgy.*trace/],
        ],
        [
            "of mixed sample counts",
            (folder) => {
                copy(folder);
                cpSync(join(folders().other, segy(folders().other)), join(folder, "other.sgy"));
            },
            [/exit code 3/, /\/data\/other\.sgy/, /96/, /128/],
        ],
        [
            "without labels",
            (folder) => {
                mkdirSync(folder);
                cpSync(join(folders().good, segy(folders().good)), join(folder, "line.sgy"));
            },
            [/exit code 3/, "/data/labels.csv"],
        ],
        [
            "with an unknown label",
            (folder) => relabel(folder, (label, line) => (line === 4 ? "abnormal" : label)),
            [/exit code 3/, /labels\.csv.*line 6.*abnormal/],
        ],
        ["of one class", (folder) => relabel(folder, () => "normal"), [/exit code 3/, /labels\.csv.*normal/]],
    ];
}

function segy(folder: string): string {
    return readdirSync(folder).find((name) => name.endsWith(".sgy"))!;
}
