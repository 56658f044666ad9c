/** Shows a person the steps of a command: one line a step, with its progress and time. */
import { Mistake } from "../../common/mistake";

/** Thrown when somebody asks for a script's usage. The usage is printed, and nothing is done. */
export class UsageAsked extends Error {}

/** Takes the last meaningful line of a running step's output. */
export type Report = (line: string) => void;

const TTY_REFRESH_MS = 500;
const PLAIN_REFRESH_MS = 15_000;

/** The running steps, in the order in which they began. On a terminal they share its last line. */
const underWay: (() => string)[] = [];

/** Runs `work`. Prints its progress and the time that it took. */
export async function step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T> {
    const began = Date.now();
    const live = process.stdout.isTTY === true;
    let last = "";
    const status = (): string => `${title}: ${duration(Date.now() - began)}${last === "" ? "" : `, ${last}`}`;
    const show = (): void => {
        if (live) {
            process.stdout.write(`\r\x1b[K${sharedLine(process.stdout.columns - 1)}`);
        } else {
            console.log(`  ${status()}`);
        }
    };
    underWay.push(status);
    if (live) {
        show();
    } else {
        console.log(`${title} ...`);
    }
    const timer = setInterval(show, live ? TTY_REFRESH_MS : PLAIN_REFRESH_MS);
    const end = (how: string): void => {
        clearInterval(timer);
        underWay.splice(underWay.indexOf(status), 1);
        say(`${title}: ${how} ${duration(Date.now() - began)}`);
    };
    try {
        const result = await work((line) => {
            if (line.trim() !== "") {
                last = line.trim();
            }
        });
        end("done in");
        return result;
    } catch (error) {
        end("failed after");
        throw error;
    }
}

/** Prints a line, also while steps are running. */
export function say(line: string): void {
    if (process.stdout.isTTY === true) {
        process.stdout.write("\r\x1b[K");
    }
    console.log(line);
}

function sharedLine(width: number): string {
    const SEPARATOR = " | ";
    const share = Math.floor((width - SEPARATOR.length * (underWay.length - 1)) / underWay.length);
    return underWay.map((status) => status().slice(0, share)).join(SEPARATOR);
}

/** "0.4 s", "37 s", "4 min 5 s". */
export function duration(ms: number): string {
    if (ms < 9_950) {
        return `${(ms / 1000).toFixed(1)} s`;
    }
    const seconds = Math.round(ms / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Runs a script's main function. The result is the exit code. */
export function main(run: (args: string[]) => Promise<number>): void {
    void ended(run, process.argv.slice(2)).then((code) => {
        process.exitCode = code;
    });
}

/** The exit code of a main function. An error is printed. */
export async function ended(
    run: (args: string[]) => Promise<number>,
    args: readonly string[],
): Promise<number> {
    try {
        return await run([...args]);
    } catch (error) {
        if (error instanceof UsageAsked) {
            console.log(error.message);
            return 0;
        }
        console.error(error instanceof Mistake ? `\n${error.message}` : error);
        return 1;
    }
}

export function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
