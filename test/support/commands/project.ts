import { spawn } from "node:child_process";
import {
    chmodSync,
    cpSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ReleaseRecord } from "../../../releases/records";
import { toolchainKey, versions } from "../../../cli/local/paths";
import { TestProject } from "../stack/project";
import { ranScript } from "../ran";

export interface Ended {
    code: number | null;
    stdout: string;
    stderr: string;
}

/** A command line, in an environment with further variables. */
export interface Case {
    script: string;
    args: readonly string[];
    env?: NodeJS.ProcessEnv;
    isTerminal?: boolean;
}

/** The parts of a project that a command could change: its tree, each stack's state, and its calls of Pulumi. */
export interface Snapshot {
    status: string;
    files: Record<string, string>;
    states: string;
}

/** A copy of this checkout with a fake Pulumi. Commands run in it as npm runs them. */
export class CommandProject extends TestProject {
    private readonly home = mkdtempSync(join(tmpdir(), "seismic-commands-"));
    private readonly fake = join(this.home, "fake");

    constructor() {
        super();
        mkdirSync(join(this.fake, "stacks"), { recursive: true });
        const cache = join(this.home, "cache", "seismic-mlops", "toolchain");
        const toolchain = join(cache, toolchainKey(join(this.folder, "toolchain"), versions()));
        const pulumi = join(toolchain, "bin", "pulumi");
        cpSync(join(__dirname, "pulumi.cjs"), pulumi);
        chmodSync(pulumi, 0o755);
        const { size, mtimeMs } = statSync(pulumi);
        const choice = { pulumi, origin: "downloaded", fingerprint: `${size} ${mtimeMs}` };
        writeFileSync(join(toolchain, "pulumi.json"), JSON.stringify(choice));
        for (const name of ["docker", "random"] as const) {
            const plugin = join(toolchain, "home", "plugins", `resource-${name}-v${versions()[name]}`);
            mkdirSync(plugin, { recursive: true });
            writeFileSync(join(plugin, `pulumi-resource-${name}`), "");
        }
        this.program({});
    }

    /** Makes a stack with these releases, newest first. */
    stack(
        name: string,
        releases: readonly ReleaseRecord[],
        more: Record<string, unknown> = {},
        resources: readonly object[] = [],
    ): void {
        const outputs = { releases, apiUrl: "http://localhost:1", ...more };
        const root = { type: "pulumi:pulumi:Stack", urn: `urn:pulumi:${name}::p::s::n`, outputs };
        const manifest = { time: "2026-01-01T00:00:00Z" };
        writeFileSync(
            this.state(name),
            JSON.stringify({ version: 3, deployment: { manifest, resources: [root, ...resources] } }),
        );
    }

    /** The results of previews and updates: a function's body, of `{ kind, name, config, reason }`. */
    program(by: Record<string, unknown> | string): void {
        const body = typeof by === "string" ? by : `return ${JSON.stringify(by)};`;
        writeFileSync(
            join(this.fake, "program.cjs"),
            `module.exports = ({ kind, name, config, reason }) => {\n${body}\n};\n`,
        );
    }

    /** Makes each call of Pulumi fail with these words. An empty text ends that. */
    failing(message: string): void {
        writeFileSync(join(this.fake, "failure"), message);
    }

    /** Makes Pulumi say that a stack is locked. */
    locked(message: string): void {
        writeFileSync(join(this.fake, "locked"), message);
    }

    /** The calls of Pulumi since the last time. */
    calls(): string[][] {
        const file = join(this.fake, "calls");
        const all = readOr(file)
            .split("\n")
            .filter((line) => line !== "");
        writeFileSync(file, "");
        return all.map((line) => JSON.parse(line) as string[]);
    }

    /** Runs command lines one after another in one process. They must be refused before they do anything. */
    async mains(cases: readonly Case[]): Promise<Ended[]> {
        const file = join(this.home, "cases.json");
        writeFileSync(file, JSON.stringify(cases));
        const { stdout, stderr } = await this.node([join(__dirname, "mains.cjs"), file]);
        if (stderr !== "") {
            throw new Error(stderr);
        }
        return JSON.parse(stdout) as Ended[];
    }

    /** Runs a script as npm does. */
    async run(script: string, args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Ended> {
        const ended = await this.node(["cli/mlops.ts", script, ...args], variables);
        if (ended.code === 0) {
            ranScript(script, ...args);
        }
        return ended;
    }

    private node(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Ended> {
        const env = {
            ...process.env,
            XDG_CACHE_HOME: join(this.home, "cache"),
            XDG_DATA_HOME: join(this.home, "data"),
            PULUMI_BACKEND_URL: `file://${this.fake}`,
            PULUMI_CONFIG_PASSPHRASE: "unit",
            DOCKER_HOST: `unix://${join(this.home, "none.sock")}`,
            FAKE_PULUMI: this.fake,
            ...variables,
        };
        const child = spawn(process.execPath, ["--require", "./runtime/strip.cjs", ...args], {
            cwd: this.folder,
            env,
        });
        const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
            const chunks: Buffer[] = [];
            stream.on("data", (chunk: Buffer) => chunks.push(chunk));
            return chunks;
        });
        return new Promise((resolve, reject) => {
            child.once("error", reject);
            child.once("close", (code) =>
                resolve({
                    code,
                    stdout: Buffer.concat(stdout!).toString(),
                    stderr: Buffer.concat(stderr!).toString(),
                }),
            );
        });
    }

    snapshot(stacks: readonly string[] = ["staging", "prod"]): Snapshot {
        return {
            status: this.status(),
            files: Object.fromEntries(stacks.map((name) => [name, this.read(`Pulumi.${name}.yaml`)])),
            states: stacks.map((name) => readOr(this.state(name))).join("\n"),
        };
    }

    override remove(): void {
        super.remove();
        rmSync(this.home, { recursive: true });
    }

    state(name: string): string {
        return join(this.fake, "stacks", `${name}.json`);
    }
}

function readOr(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
