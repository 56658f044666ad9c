import { existsSync, mkdirSync, readFileSync, rmSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

import { quoted } from "../errors";

/** Lines of a failed step that are shown, and characters of a step's name: one line of the display. */
const LINES = 15;
const NAME_LENGTH = 100;
/** BuildKit's plain progress: "#7 [stage 2/4] RUN make", "#7 0.52 what it printed", "#7 ERROR: why". */
const LINE = /^#(\d+) (?:(\[.+)|([\d.]+) (.*)|ERROR: (.*))$/;

/** Who is told how a build goes. */
export interface BuildListener {
    /** A step began: "[stage 2/4] RUN make". */
    step(name: string): void;
    /** A step failed: its name, the last lines it printed, and why. */
    failed(text: string): void;
}

/**
 * Follows the log that a build writes to a file. The provider's error names
 * only the command that failed, and the engine ends the program at once: what
 * the command printed has to be passed on while it is written.
 *
 * @param file the log, which is begun anew
 * @returns ends the following
 */
export function followBuild(file: string, listener: BuildListener): () => void {
    const folder = dirname(file);
    mkdirSync(folder, { recursive: true });
    rmSync(file, { force: true });
    const steps = new Map<string, { name: string; lines: string[] }>();
    let seen = 0;
    const read = () => {
        if (!existsSync(file)) {
            return;
        }
        // The last line may not be whole yet.
        const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
        for (const line of lines.slice(seen)) {
            pass(line);
        }
        seen = Math.max(seen, lines.length);
    };
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
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === basename(file)) {
            read();
        }
    });
    return () => watcher.close();
}

function short(name: string): string {
    return name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}...` : name;
}

/** Without the command, which the step's name has: "exit code: 3". */
function reason(error: string): string {
    return /exit code: \d+/.exec(error)?.[0] ?? error;
}
