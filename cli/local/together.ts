/** Runs work side by side, with one end for all. */
import { AsyncLocalStorage } from "node:async_hooks";

const interruptions = new AsyncLocalStorage<AbortSignal>();

/** The signal that work beside the caller's has failed; undefined if no work is beside it. */
export function interruption(): AbortSignal | undefined {
    return interruptions.getStore();
}

/**
 * Does both side by side. When one fails, the commands of the other are interrupted, because nobody waits minutes for
 * an error message. The error is thrown when both have ended.
 */
export async function together<A, B>(one: () => Promise<A>, other: () => Promise<B>): Promise<[A, B]> {
    const controller = new AbortController();
    const around = interruption();
    const signal = around === undefined ? controller.signal : AbortSignal.any([around, controller.signal]);
    const watched = async <T>(work: () => Promise<T>): Promise<T> => {
        try {
            return await interruptions.run(signal, work);
        } catch (error) {
            controller.abort(error);
            throw error;
        }
    };
    const [a, b] = await Promise.allSettled([watched(one), watched(other)]);
    if (a.status === "fulfilled" && b.status === "fulfilled") {
        return [a.value, b.value];
    }
    // Throw the first error. The other one may only say that its command was interrupted.
    throw controller.signal.reason;
}
