import { closeSync, fstatSync, mkdirSync, openSync, readSync, rmSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

import { quoted } from "../../common/mistake";
import { LineReader } from "./frames";

/** Lines of a failed step that are shown, and characters of a step's name: one line of the display. */
const LINES = 15;
const NAME_LENGTH = 100;
const POLL_MS = 100;
/** BuildKit's plain progress: "#7 [stage 2/4] RUN make", "#7 0.52 OUTPUT", "#7 ERROR: REASON". */
const LINE = /^#(\d+) (?:(\[.+)|([\d.]+) (.*)|ERROR: (.*))$/;

/** Receives the progress of a build. */
export interface BuildListener {
    /** A step began: "[stage 2/4] RUN make". */
    step(name: string): void;
    /** A step failed: the text has its name, the last lines that it printed, and the reason. */
    failed(text: string): void;
}

/**
 * Follows the log that a build writes to a file. The provider's error names only the command
 * that failed, and the engine ends the program at once, so the command's output must be
 * passed on while it is written. This is only display: an error here must not fail a build.
 *
 * @param file the log, which is begun anew
 * @returns a function that ends the following
 */
export function followBuild(file: string, listener: BuildListener, watchFolder = watch): () => void {
    const folder = dirname(file);
    mkdirSync(folder, { recursive: true });
    rmSync(file, { force: true });
    const steps = new Map<string, { name: string; lines: string[] }>();
    const pass = (line: string) => {
        const [, id, name, , printed, error] = LINE.exec(line) ?? [];
        if (id === undefined) {
            return;
        }
        const step = steps.get(id) ?? { name: short(name ?? ""), lines: [] };
        if (!steps.has(id)) {
            steps.set(id, step);
            listener.step(step.name);
        }
        if (printed !== undefined) {
            step.lines.push(printed);
        }
        if (error !== undefined) {
            const last = quoted(step.lines.slice(-LINES));
            listener.failed([`${step.name}: ${reason(error)}; its last lines:`, ...last].join("\n"));
        }
    };
    const lines = new LineReader(pass);
    let seen = 0;
    return onChange(
        file,
        () => {
            const added = readFrom(file, seen);
            seen += added.length;
            lines.write(added);
        },
        watchFolder,
    );
}

/** Calls back whenever a file may have grown. If the system can watch no more files, looks at intervals instead. */
function onChange(file: string, look: () => void, watchFolder: typeof watch): () => void {
    const poll = () => {
        const timer = setInterval(look, POLL_MS).unref();
        return () => clearInterval(timer);
    };
    try {
        const watcher = watchFolder(dirname(file), { persistent: false }, (_event, name) => {
            if (name === basename(file)) {
                look();
            }
        });
        let end = () => watcher.close();
        watcher.once("error", () => {
            watcher.close();
            end = poll();
        });
        return () => end();
    } catch {
        return poll();
    }
}

/** The content of a file from a position on; empty when the file cannot be read, for example before it exists. */
function readFrom(file: string, at: number): Buffer {
    try {
        const opened = openSync(file, "r");
        try {
            const bytes = Buffer.alloc(Math.max(0, fstatSync(opened).size - at));
            return bytes.subarray(0, readSync(opened, bytes, 0, bytes.length, at));
        } finally {
            closeSync(opened);
        }
    } catch {
        return Buffer.alloc(0);
    }
}

function short(name: string): string {
    return name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}...` : name;
}

/** The reason without the command, because the step's name has the command: "exit code: 3". */
function reason(error: string): string {
    return /exit code: \d+/.exec(error)?.[0] ?? error;
}
