import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import type { Client } from "./client";

const PAUSE_MS = 50;

/**
 * The longest time without an answer of the API during some work, in milliseconds. The API answers as long as the
 * password is valid, and refuses it from some moment on. Anything else is no answer.
 */
export async function longestGap(client: Client, work: Promise<unknown>): Promise<number> {
    let done = false;
    void work.finally(() => (done = true)).catch(() => undefined);
    const statuses: number[] = [];
    let [answered, longest] = [Date.now(), 0];
    while (!done) {
        const status = await client.request(`${client.outputs.apiUrl}/version`).then(
            (response) => response.status,
            () => undefined,
        );
        if (status === 200 || status === 401) {
            longest = Math.max(longest, Date.now() - answered);
            answered = Date.now();
            if (statuses.at(-1) !== status) {
                statuses.push(status);
            }
        }
        await sleep(PAUSE_MS);
    }
    expect(statuses, "answers to the old password, in order").to.deep.equal([200, 401]);
    return longest;
}
