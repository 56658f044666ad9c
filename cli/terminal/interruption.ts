/** Ctrl-C as a signal that work looks at, so that it ends in order. */
const INTERRUPTED = 130;
/** One Ctrl-C comes twice, from the terminal and from npm; another one, later, ends the program at once. */
const REPEATED_MS = 1000;

/**
 * Runs work that undoes what it did when it is interrupted.
 *
 * @param says what is told when that happens
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
