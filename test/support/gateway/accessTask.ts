/**
 * The command of the task `access` without an engine: images/gateway/access.sh and lines.py as they are, with a fake
 * HAProxy between them. A `cat` stands for the engine, at the other end of a pipe.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
    chmodSync,
    closeSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    openSync,
    readdirSync,
    readFileSync,
    rmSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

import { allOnPath, signalGroup } from "../../../cli/local/processes";
import { CHECKOUT } from "../../../cli/local/paths";
import { eventually } from "../expectations";
import { isRunning } from "../processes";
import { writeFile } from "../temporaryFolder";

const GATEWAY = join(CHECKOUT, "images", "gateway");
/** The fake HAProxy ends with this code when it is asked to stop. */
export const STOPPED_CODE = 7;

/** What became of lines that the fake HAProxy wrote, by their numbers. */
export interface Written {
    written: number[];
    /** For these the pipe had no room. HAProxy counts them in haproxy_process_dropped_logs_total. */
    dropped: number[];
    /** For these the pipe had no reader. HAProxy counts them nowhere. */
    broken: number[];
}

/**
 * A program of Node.js that writes lines when a socket tells it to. It does not wait for the pipe, just as HAProxy,
 * and at SIGUSR1 it writes a last line and ends.
 */
const HAPROXY = String.raw`
const { appendFileSync, constants, openSync, writeSync } = require("node:fs");
const { createServer } = require("node:net");
const log = openSync("/proc/self/fd/1", constants.O_WRONLY | constants.O_NONBLOCK);
let last = 0;
const write = () => {
    last += 1;
    try {
        writeSync(log, JSON.stringify({ line: last, padding: "x".repeat(300) }) + "\n");
        return ["written", last];
    } catch ({ code }) {
        return [{ EAGAIN: "dropped", EPIPE: "broken" }[code] ?? code, last];
    }
};
createServer((socket) => socket.once("data", (count) => {
    const seen = { written: [], dropped: [], broken: [] };
    for (let at = 0; at < Number(count); at++) {
        const [what, line] = write();
        seen[what].push(line);
    }
    socket.end(JSON.stringify(seen));
})).listen(SOCKET);
process.on("SIGUSR1", () => {
    appendFileSync(CALLS, "haproxy stops\n");
    write();
    process.exit(STOPPED);
});
`;

export class AccessTask {
    private readonly received: string[] = [];
    private said = "";

    private constructor(
        private readonly folder: string,
        private readonly child: ChildProcess,
        private readonly engine: ChildProcess,
        private readonly ended: Promise<number | null>,
    ) {
        createInterface({ input: engine.stdout! }).on("line", (line) => this.received.push(line));
        child.stderr!.on("data", (chunk: Buffer) => (this.said += chunk.toString()));
    }

    /** Starts the command. Its first line has come through, so the program of the log has made its pipe large. */
    static async start(): Promise<AccessTask> {
        const folder = mkdtempSync(join(tmpdir(), "seismic-access-"));
        const [bin, pipe] = [join(folder, "bin"), join(folder, "engine")];
        const calls = join(folder, "calls");
        const command = (name: string, script: string): void => {
            writeFile(join(bin, name), script);
            chmodSync(join(bin, name), 0o755);
        };
        const facts = { SOCKET: join(folder, "haproxy"), CALLS: calls, STOPPED: STOPPED_CODE };
        const constants = Object.entries(facts).map(([name, it]) => `const ${name} = ${JSON.stringify(it)};`);
        command("haproxy", `#!${process.execPath}\n${constants.join("\n")}${HAPROXY}`);
        const [python] = allOnPath("python3");
        // The image has the program in another folder.
        command(
            "python3",
            `#!/bin/sh\necho $$ >> ${folder}/programs\nexec ${python} -I -S ${GATEWAY}/lines.py\n`,
        );
        command("socat", `#!/bin/sh\necho "socat $2: $(cat)" >> ${calls}\n`);
        command("sleep", `#!/bin/sh\necho "sleep $1" >> ${calls}\nexec /bin/sleep 0.01\n`);
        execFileSync("mkfifo", [pipe]);
        mkdirSync(join(folder, "tmp"));
        const engine = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "inherit"] });
        const beginning = openSync(pipe, "w");
        const child = spawn("sh", [join(GATEWAY, "access.sh"), "stack.cfg"], {
            env: { PATH: `${bin}:${process.env.PATH}`, TMPDIR: join(folder, "tmp") },
            stdio: ["ignore", beginning, "pipe"],
            // Its own process group, which can be killed as a whole.
            detached: true,
        });
        closeSync(beginning);
        const ended = (once(child, "exit") as Promise<[number | null]>).then(([code]) => {
            // As in a container, nothing outlives the command.
            signalGroup(child, "SIGKILL");
            return code;
        });
        const task = new AccessTask(folder, child, engine, ended);
        await eventually("HAProxy", () => Promise.resolve(existsSync(facts.SOCKET)));
        await task.write(1);
        await task.lines(1);
        return task;
    }

    /** Has HAProxy write lines. */
    async write(count: number): Promise<Written> {
        const socket = connect(join(this.folder, "haproxy"));
        socket.write(String(count));
        return JSON.parse(await text(socket)) as Written;
    }

    /** The numbers of the lines that the engine got, once it has so many. A line that was cut is no JSON. */
    async lines(count: number): Promise<number[]> {
        await eventually(`${count} lines`, () => Promise.resolve(this.received.length >= count));
        return this.received.map((line) => (JSON.parse(line) as { line: number }).line);
    }

    /** The processes of lines.py, in the order of their starts. */
    programs(): number[] {
        return readFileSync(join(this.folder, "programs"), "utf8").trim().split("\n").map(Number);
    }

    /** Kills the program, and waits until it is gone. */
    async killProgram(): Promise<void> {
        const pid = this.programs().at(-1)!;
        process.kill(pid, "SIGKILL");
        await eventually("the program's end", () => Promise.resolve(!isRunning(pid)));
    }

    /** Has the engine read no more until SIGCONT. */
    signalEngine(signal: "SIGSTOP" | "SIGCONT"): void {
        this.engine.kill(signal);
    }

    /** Ends the engine. Afterwards its end of the pipe is closed. */
    async endEngine(): Promise<void> {
        if (this.engine.kill("SIGKILL")) {
            await once(this.engine, "exit");
        }
    }

    /**
     * Stops the task, as the engine does.
     *
     * @returns its exit code
     */
    stop(): Promise<number | null> {
        this.child.kill("SIGTERM");
        return this.ended;
    }

    /** Kills what still runs of it, and removes its files. */
    async remove(): Promise<void> {
        await this.endEngine();
        signalGroup(this.child, "SIGKILL");
        await this.ended;
        rmSync(this.folder, { recursive: true });
    }

    /** What the command did by other commands, in order. */
    calls(): string[] {
        return readFileSync(join(this.folder, "calls"), "utf8").trim().split("\n");
    }

    stderr(): string {
        return this.said;
    }

    /** The files that it left among the temporary ones. */
    temporary(): string[] {
        return readdirSync(join(this.folder, "tmp"));
    }
}
