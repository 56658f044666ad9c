import { setTimeout } from "node:timers/promises";

/** How time passes for those who wait for an engine; a test has time of its own, in which nobody waits. */
export interface Time {
    /** Milliseconds, by a clock that nobody sets. */
    readonly now: () => number;
    /** @param ms milliseconds */
    readonly sleep: (ms: number) => Promise<void>;
}

export const ownTime: Time = { now: () => performance.now(), sleep: (ms) => setTimeout(ms) };
