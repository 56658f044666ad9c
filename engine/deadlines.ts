import type Docker from "dockerode";

/** Seconds in which an engine answers a question, however busy its machine is. */
const READ_SECONDS = 60;
/** Seconds in which an engine does some work, or walks over all of its disk. */
const WORK_SECONDS = 600;

type Dial = Docker["modem"]["dial"];
type DialOptions = Parameters<Dial>[0];

/**
 * Makes each request end: a request fails when the engine does not begin to answer in time.
 * There is no limit for requests that wait for something, and for requests that send a file.
 *
 * @returns the same client
 */
export function withDeadlines(engine: Docker, readSeconds = READ_SECONDS): Docker {
    const { modem } = engine;
    const dial: Dial = modem.dial.bind(modem);
    modem.dial = (options, callback) => {
        const seconds = limitOf(options, readSeconds);
        if (seconds === undefined) {
            dial(options, callback);
            return;
        }
        const late = new AbortController();
        const given = options.abortSignal === undefined ? [] : [options.abortSignal];
        let answered = false;
        const answer: typeof callback = (error, result) => {
            if (!answered) {
                answered = true;
                clearTimeout(timer);
                callback?.(error, result);
            }
        };
        const what = `${options.method} ${options.path.split("?", 1)[0]}`;
        const timer = setTimeout(() => {
            // The abort alone is not enough: the client tells nobody about an answer that broke off.
            answer(new Error(`the Docker engine did not answer ${what} within ${seconds} s; it hangs`), null);
            late.abort();
        }, seconds * 1000);
        dial({ ...options, abortSignal: AbortSignal.any([late.signal, ...given]) }, answer);
    };
    return engine;
}

/** The seconds that a request may take; undefined when it has no limit. */
function limitOf({ method, path, file }: DialOptions, readSeconds: number): number | undefined {
    if (file !== undefined || /\/wait(\?|$)/.test(path)) {
        return undefined;
    }
    return method === "GET" && !path.startsWith("/system/df") ? readSeconds : WORK_SECONDS;
}
