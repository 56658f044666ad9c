import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import type { Ended } from "./stack/types";

const POLL_MS = 100;
const DEADLINE_MS = 60_000;

/**
 * That something comes to hold within a minute. A request that gets no answer does not hold yet: the gateway
 * closes a connection that it kept open, without a word, when the only replica goes away under a request.
 *
 * @returns what it came to
 */
export async function eventually<T>(what: string, holds: () => Promise<T | false>): Promise<T> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
        let unanswered = "";
        const found = await holds().catch((error: unknown) => {
            if (!(error instanceof TypeError && error.message === "fetch failed")) {
                throw error;
            }
            unanswered = `: ${String(error.cause)}`;
            return false as const;
        });
        if (found) {
            return found;
        }
        expect(Date.now(), `waited for ${what} too long${unanswered}`).to.be.lessThan(deadline);
        await sleep(POLL_MS);
    }
}

/** That a command succeeded; otherwise the message is what it printed. */
export function succeeds(ended: Ended): void {
    expect(ended.code, ended.output).to.equal(0);
}

/** That a command failed, said all of this, and showed no stack trace of ours. */
export function fails(ended: Ended, ...says: (string | RegExp)[]): void {
    expect(ended.code, ended.output).not.to.equal(0);
    for (const text of says) {
        expect(ended.output).to.match(text instanceof RegExp ? text : new RegExp(literally(text)));
    }
    expect(ended.output, "a stack trace").not.to.match(/\n\s+at .*\.ts:\d+/);
}

/** A text as a pattern that matches it alone. */
export function literally(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
