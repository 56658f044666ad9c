import type Docker from "dockerode";

/** A step that the engine reports of a build, a push, a pull or a load, as far as all have it. */
interface Reported {
    readonly error?: string;
}

/**
 * Follows a stream of progress to its end.
 *
 * @param onEvent is called with each report of the engine
 * @throws an error with the engine's reason
 */
export async function followProgress<Event extends Reported>(
    engine: Docker,
    stream: NodeJS.ReadableStream,
    onEvent: (event: Event) => void,
): Promise<void> {
    let problem: string | undefined;
    // A chunk may cut a character. With an encoding, the stream puts such characters together.
    stream.setEncoding("utf8");
    await new Promise<void>((resolve, reject) => {
        engine.modem.followProgress(
            stream,
            (error) => (error === null ? resolve() : reject(error)),
            (event: Event) => {
                problem ??= event.error;
                onEvent(event);
            },
        );
    }).catch((error: unknown) => {
        // When the engine reports an error in the stream, it also ends the stream.
        problem ??= error instanceof Error ? error.message : String(error);
    });
    if (problem !== undefined) {
        throw new Error(problem);
    }
}
