/** Turns Ctrl-C into a signal for the work, so that the work can end in order. */
const INTERRUPTED = 130;
/** One Ctrl-C arrives twice, from the terminal and from npm. A later Ctrl-C ends the program at once. */
const REPEATED_MS = 1000;

/**
 * Runs work that undoes its changes when it is interrupted.
 *
 * @param says the message at an interruption
 * @returns the work's exit code, or 130
 */
export async function interruptible(
    says: string,
    work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
    const controller = new AbortController();
    let first: number | undefined;
    const interrupt = (): void => {
        if (first === undefined) {
            first = Date.now();
            console.error(`\nInterrupted. ${says}`);
            controller.abort();
        } else if (Date.now() - first > REPEATED_MS) {
            process.exit(INTERRUPTED);
        }
    };
    process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
    try {
        return await work(controller.signal);
    } catch (error) {
        if (controller.signal.aborted && error instanceof Error && error.name === "AbortError") {
            return INTERRUPTED;
        }
        throw error;
    } finally {
        process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    }
}
