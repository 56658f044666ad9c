import { setTimeout as sleep } from "node:timers/promises";

import type { Client } from "./client";

const PAUSE_MS = 50;

/**
 * The answers of the API to the same password during some work, each where it differs from the one before: a status, or
 * the reason why there was no answer. Once the password is refused, asks for the open path, because the gateway slows
 * down who repeats a wrong password.
 */
export async function answersDuring(client: Client, work: Promise<unknown>): Promise<(number | string)[]> {
    let done = false;
    void work.finally(() => (done = true)).catch(() => undefined);
    const answers: (number | string)[] = [];
    while (!done) {
        const path = answers.includes(401) ? "/health" : "/version";
        const answer = await client.request(`${client.outputs.apiUrl}${path}`).then(
            (response) => response.status,
            (error: Error) => `${error.message}: ${String(error.cause)}`,
        );
        if (answers.at(-1) !== answer) {
            answers.push(answer);
        }
        await sleep(PAUSE_MS);
    }
    return answers;
}
