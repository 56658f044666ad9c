/** Starts a Docker daemon as root, on a machine without an init system. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mistake } from "../../common/mistake";
import { waitFor } from "../../common/time";
import { cacheFolder } from "../local/paths";
import { connect } from "./connection";

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 100;
const LAST_LINES = 15;

export interface DockerdOptions {
    readonly socket: string;
    /** The folder of its log and its process id. */
    readonly folder?: string;
    readonly args?: readonly string[];
}

/**
 * Starts dockerd, which outlives this process, and waits until its API answers.
 *
 * @returns its process id
 */
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
    const answers = await waitFor(
        async () =>
            failed !== undefined ||
            typeof (await connect(`unix://${options.socket}`)) !== "string" ||
            undefined,
        { ms: START_TIMEOUT_MS, everyMs: POLL_MS },
    );
    if (answers && failed === undefined && daemon.pid !== undefined) {
        writeFileSync(join(folder, "dockerd.pid"), `${daemon.pid}\n`);
        return daemon.pid;
    }
    const last = readFileSync(log, "utf8").trimEnd().split("\n").slice(-LAST_LINES).join("\n");
    throw mistake(
        `dockerd: ${failed ?? `no answer within ${START_TIMEOUT_MS / 1000} s`}. The end of ${log}:\n${last}\n` +
            "Containers may not be allowed on this machine; set DOCKER_HOST to an engine elsewhere.",
    );
}
