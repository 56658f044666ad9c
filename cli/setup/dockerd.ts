/** A Docker daemon by hand, as root where no init system runs. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheFolder } from "../local/paths";
import { SetupError } from "../terminal/steps";
import { connect } from "./connection";

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 100;
const LAST_LINES = 15;

export interface DockerdOptions {
    readonly socket: string;
    /** Where its log and its process id are kept. */
    readonly folder?: string;
    readonly args?: readonly string[];
}

/** Starts dockerd, which outlives this process, and waits until its API answers. @returns its process id */
export async function startDockerd(options: DockerdOptions): Promise<number> {
    const folder = options.folder ?? join(cacheFolder(), "engine");
    mkdirSync(folder, { recursive: true });
    const log = join(folder, "dockerd.log");
    const output = openSync(log, "w");
    const daemon = spawn("dockerd", ["--host", `unix://${options.socket}`, ...(options.args ?? [])], {
        detached: true,
        stdio: ["ignore", output, output],
    });
    closeSync(output);
    daemon.unref();
    let failed: string | undefined;
    daemon.once("error", (error) => (failed = error.message));
    daemon.once("exit", (code) => (failed = `it ended with exit code ${code}`));
    for (const began = Date.now(); Date.now() - began < START_TIMEOUT_MS; await sleep(POLL_MS)) {
        if (failed !== undefined) {
            break;
        }
        if (typeof (await connect(`unix://${options.socket}`)) !== "string" && daemon.pid !== undefined) {
            writeFileSync(join(folder, "dockerd.pid"), `${daemon.pid}\n`);
            return daemon.pid;
        }
    }
    const last = readFileSync(log, "utf8").trimEnd().split("\n").slice(-LAST_LINES).join("\n");
    throw new SetupError(
        `dockerd: ${failed ?? `no answer within ${START_TIMEOUT_MS / 1000} s`}. The end of ${log}:\n${last}\n` +
            "Containers may not be allowed on this machine; set DOCKER_HOST to an engine elsewhere.",
    );
}
