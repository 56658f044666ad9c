import { setTimeout } from "node:timers/promises";

/** The clock of code that waits. Tests bring a clock of their own, so that they do not wait. */
export interface Time {
    /** Milliseconds of a monotonic clock. */
    readonly now: () => number;
    /** @param ms milliseconds */
    readonly sleep: (ms: number) => Promise<void>;
}

export const ownTime: Time = { now: () => performance.now(), sleep: (ms) => setTimeout(ms) };

/** How long to look for something, and how often. */
export interface Patience {
    /** Milliseconds. */
    readonly ms: number;
    /** Milliseconds between two looks. */
    readonly everyMs: number;
}

/**
 * Looks until something is found, at least once.
 *
 * @param look returns the thing, or undefined while there is none; an error of `look` ends the wait
 * @returns the thing that was found; undefined when the time ran out
 */
export async function waitFor<T>(
    look: () => Promise<T | undefined>,
    { ms, everyMs }: Patience,
    { now, sleep }: Time = ownTime,
): Promise<T | undefined> {
    const deadline = now() + ms;
    for (;;) {
        const found = await look();
        if (found !== undefined || now() > deadline) {
            return found;
        }
        await sleep(everyMs);
    }
}
