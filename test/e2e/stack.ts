import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { stringify } from "yaml";

import { TestEngine } from "./engine";
import { freePort } from "./freePort";
import type { Ended, Outputs, Running } from "./types";

const CHECKOUT = resolve(__dirname, "..", "..");

export type Config = Record<string, unknown>;

/**
 * A stack of its own on the real engine: a copy of this checkout as a git
 * repository, which a test may break, and names and ports that no user has.
 */
export class TestStack {
    readonly name = `e2e-${randomBytes(3).toString("hex")}`;
    readonly folder = mkdtempSync(join(tmpdir(), `seismic-${this.name}-`));
    readonly engine = new TestEngine(this.name);

    private constructor(readonly ports: { api: number; mlflow: number }) {
        const files = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { cwd: CHECKOUT })
            .toString()
            .split("\0")
            // A file that is deleted but not committed is listed too.
            .filter((name) => /^(components|engine|source|images|trainer)\/|^[^/]+$/.test(name))
            .filter((name) => existsSync(join(CHECKOUT, name)));
        for (const name of files) {
            cpSync(join(CHECKOUT, name), join(this.folder, name), { recursive: true });
        }
        symlinkSync(join(CHECKOUT, "node_modules"), join(this.folder, "node_modules"));
        this.git("init", "-q", "-b", "main");
        // Pulumi writes a salt into it, which makes a checkout's tree dirty where setup did not teach git better.
        writeFileSync(join(this.folder, ".git", "info", "exclude"), "Pulumi.e2e-*.yaml\n");
        this.commit("the checkout under test");
    }

    static async create(): Promise<TestStack> {
        const stack = new TestStack({ api: await freePort(), mlflow: await freePort() });
        await stack.engine.ready();
        const init = await stack.pulumi("stack", "init", stack.name);
        if (init.code !== 0) {
            throw new Error(init.output);
        }
        return stack;
    }

    /** Writes the stack's config; the keys of `config` stand over the test's defaults. */
    configure(config: Config = {}): void {
        const values: Config = {
            environment: "dev",
            data: { source: "demo", traces: 3000, samples: 128, seed: 11 },
            mlflow: { port: this.ports.mlflow },
            serving: { port: this.ports.api },
            training: { run: "on-change", trials: 2 },
            monitor: "5s",
            ...config,
        };
        const prefixed = Object.entries(values).map(([key, value]) => [`seismic-mlops:${key}`, value]);
        writeFileSync(
            join(this.folder, `Pulumi.${this.name}.yaml`),
            stringify({ config: Object.fromEntries(prefixed) as Config }),
        );
    }

    /** The text of a file of the copy. */
    read(name: string): string {
        return readFileSync(join(this.folder, name), "utf8");
    }

    /** Replaces a file of the copy. */
    edit(name: string, text: string): void {
        mkdirSync(dirname(join(this.folder, name)), { recursive: true });
        writeFileSync(join(this.folder, name), text);
    }

    /** Replaces a file of the copy, and commits. */
    write(name: string, text: string): void {
        this.edit(name, text);
        this.commit(name);
    }

    /** The commit that is checked out. */
    head(): string {
        return this.git("rev-parse", "HEAD");
    }

    /** Puts a file of the copy back as the checkout has it, and commits. */
    restore(name: string): void {
        cpSync(join(CHECKOUT, name), join(this.folder, name));
        this.commit(`restore ${name}`);
    }

    up(...args: string[]): Promise<Ended> {
        return this.startUp(args).ended;
    }

    /** Starts `up` without waiting, with more arguments, or in an environment with more variables. */
    startUp(args: string[] = [], variables: NodeJS.ProcessEnv = {}): Running {
        return this.start(["up", "--yes", "--skip-preview", "--stack", this.name, ...args], variables);
    }

    preview(...args: string[]): Promise<Ended> {
        return this.pulumi("preview", "--stack", this.name, ...args);
    }

    /** Names of the resources that a preview would change. */
    async changed(): Promise<string[]> {
        const { output } = await this.preview("--json");
        const { steps } = JSON.parse(output.slice(output.indexOf("{"))) as {
            steps: { op: string; urn: string }[];
        };
        const changed = steps.filter(({ op }) => !["same", "read"].includes(op));
        return [...new Set(changed.map(({ urn }) => urn.split("::").at(-1)!))];
    }

    pulumi(...args: string[]): Promise<Ended> {
        return this.start(args).ended;
    }

    /** Starts a command without waiting; `kill` ends it as `kill -9` would, its plugins not. */
    start(args: string[], variables: NodeJS.ProcessEnv = {}): Running {
        const began = Date.now();
        const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
            cwd: this.folder,
            env: { ...process.env, ...variables },
        });
        let output = "";
        child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
        const ended = new Promise<Ended>((resolvePromise, reject) => {
            child.once("error", reject);
            child.once("exit", (code) =>
                resolvePromise({ code, output, seconds: (Date.now() - began) / 1000 }),
            );
        });
        return { ended, kill: () => child.kill("SIGKILL") };
    }

    async outputs(): Promise<Outputs> {
        const { output } = await this.pulumi(
            "stack",
            "output",
            "--json",
            "--show-secrets",
            "--stack",
            this.name,
        );
        return JSON.parse(output) as Outputs;
    }

    /** Destroys the stack, and then its volumes, which a stack's destruction keeps. */
    async destroy(): Promise<Ended> {
        const ended = await this.pulumi("destroy", "--yes", "--skip-preview", "--stack", this.name);
        if (ended.code !== 0) {
            return ended;
        }
        await this.engine.clean();
        const removed = await this.pulumi("stack", "rm", "--yes", this.name);
        rmSync(this.folder, { recursive: true });
        return removed.code === 0 ? ended : removed;
    }

    private commit(message: string): void {
        this.git("add", "-A");
        this.git("commit", "-q", "--allow-empty", "-m", message);
    }

    private git(...args: string[]): string {
        return execFileSync("git", ["-c", "user.name=e2e", "-c", "user.email=e2e@example.org", ...args], {
            cwd: this.folder,
            encoding: "utf8",
        }).trim();
    }
}
