/** Measures the parts of an `up` that trains and serves. */
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { Client } from "../stack/client";
import type { TestStack } from "../stack/stack";

const POLL_MS = 100;

/** The parts in order, each with the message of `up` that ends it. */
const PARTS: readonly [string, RegExp][] = [
    ["program and image", /-training (creating|replacing|deleting)/],
    ["training and gate", /-training created/],
    ["serving updated", /smoke test/],
    ["smoke test, stage, alias", /stage and alias/],
];

/** A part of `up`, and the seconds that it took. */
export type Part = [what: string, seconds: number];

/**
 * Brings a stack up and measures the seconds of each part and of all parts together. If a
 * version served before, also measures the seconds until the new version answered.
 *
 * @throws with everything that `up` printed, when `up` failed
 */
export async function measuredUp(stack: TestStack): Promise<Part[]> {
    const before = await stack.outputs();
    const began = Date.now();
    const seconds = () => (Date.now() - began) / 1000;
    const ends = new Map<string, number>();
    const running = stack.startUp();
    createInterface({ input: running.stdout }).on("line", (line) => {
        for (const [part, end] of PARTS) {
            if (end.test(line) && !ends.has(part)) {
                ends.set(part, seconds());
            }
        }
    });
    let isOver = false;
    const version = before.model?.version;
    const served = version === undefined ? undefined : servesAnother(stack, version, seconds, () => isOver);
    // If `up` fails, its own output says why.
    served?.catch(() => undefined);
    const ended = await running.ended;
    isOver = true;
    if (ended.code !== 0) {
        throw new Error(ended.output);
    }
    let last = 0;
    const parts = PARTS.map(([part]): Part => {
        const end = ends.get(part) ?? last;
        const length = end - last;
        last = end;
        return [part, length];
    });
    const all: Part = ["all of up", ended.seconds];
    return [
        ...parts,
        all,
        ...(served === undefined ? [] : [["until the new version answered", await served] as Part]),
    ];
}

async function servesAnother(
    stack: TestStack,
    version: string,
    seconds: () => number,
    isOver: () => boolean,
): Promise<number> {
    const client = await Client.of(stack);
    for (;;) {
        const isLast = isOver();
        if ((await client.predict()).version !== version) {
            return seconds();
        }
        if (isLast) {
            throw new Error(`up succeeded, and version ${version} serves on; another was to come`);
        }
        await sleep(POLL_MS);
    }
}
