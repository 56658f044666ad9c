import { setTimeout } from "node:timers/promises";

/** How time passes for those who wait; a test has time of its own, in which nobody waits. */
export interface Time {
    /** Milliseconds, by a clock that nobody sets. */
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
 * Looks until something is there, once at least.
 *
 * @param look finds it, or nothing yet; what it throws ends the wait
 * @returns what was found; undefined when the time was over before
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
