import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type Docker from "dockerode";
import { parse, stringify } from "yaml";

import { ran, ranScript } from "../ran";
import { TestEngine } from "../engine/engine";
import { freePort } from "../freePort";
import type { TestProject } from "./project";
import type { Ended, Outputs, Running } from "./types";

export type Config = Record<string, unknown>;

/** Pulumi.<stack>.yaml. */
interface StackFile {
    encryptionsalt?: string;
    config?: Config;
}

/** The ports that a stack may publish. */
const PORTS = ["api", "mlflow", "prometheus", "alertmanager", "registry"] as const;

/** Another engine than the one that the environment names. */
export interface OtherEngine {
    /** Its address in the form of DOCKER_HOST. */
    readonly host: string;
    readonly docker: Docker;
}

/** A test's own stack on the real engine, with names and ports that no user has. */
export class TestStack {
    readonly engine: TestEngine;
    private secrets: StackFile = {};

    private constructor(
        readonly project: TestProject,
        readonly name: string,
        readonly ports: Record<(typeof PORTS)[number], number>,
        private readonly variables: NodeJS.ProcessEnv,
        private readonly other: OtherEngine | undefined,
    ) {
        this.engine = new TestEngine({ project: project.pulumiName, stack: name }, other?.docker);
    }

    /**
     * @param variables override the environment's in each of its commands
     * @param other the engine of the stack, if it is not the environment's
     */
    static async create(
        project: TestProject,
        name: string,
        variables: NodeJS.ProcessEnv = {},
        other?: OtherEngine,
    ): Promise<TestStack> {
        const stack = await TestStack.planned(project, name, variables, other);
        const init = await stack.pulumi("stack", "init", stack.name);
        if (init.code !== 0) {
            throw new Error(init.output);
        }
        return stack;
    }

    /** Plans such a stack, which something else will make. */
    static async planned(
        project: TestProject,
        name: string,
        variables: NodeJS.ProcessEnv = {},
        other?: OtherEngine,
    ): Promise<TestStack> {
        const free = await Promise.all(PORTS.map(async (role) => [role, await freePort()]));
        const ports = Object.fromEntries(free) as Record<(typeof PORTS)[number], number>;
        return new TestStack(project, name, ports, variables, other);
    }

    /** The same stack from another folder, or with other variables. */
    seenFrom(project: TestProject, variables: NodeJS.ProcessEnv): TestStack {
        return new TestStack(project, this.name, this.ports, { ...this.variables, ...variables }, this.other);
    }

    /** The same stack by way of another engine. */
    seenBy(other: OtherEngine): TestStack {
        return new TestStack(this.project, this.name, this.ports, this.variables, other);
    }

    get folder(): string {
        return this.project.folder;
    }

    /** Pulumi.<stack>.yaml, in the project's folder. */
    get file(): string {
        return `Pulumi.${this.name}.yaml`;
    }

    /** Writes the stack's config. The keys of `config` override the test's defaults. */
    configure(config: Config = {}): void {
        const values: Config = {
            environment: "dev",
            data: { source: "demo", traces: 3000, samples: 128, seed: 11 },
            mlflow: { port: this.ports.mlflow },
            serving: { port: this.ports.api },
            training: { run: "on-change", trials: 2 },
            monitoring: { enabled: false },
            statusPage: false,
            // The user of the tests may have an Ollama.
            summary: { enabled: false },
            monitor: "2s",
            ...config,
        };
        const prefixed = Object.entries(values).map(([key, value]) => [
            `${this.project.pulumiName}:${key}`,
            value,
        ]);
        const { encryptionsalt, config: secrets } = this.secrets;
        writeFileSync(
            join(this.folder, this.file),
            stringify({
                encryptionsalt,
                config: { ...(Object.fromEntries(prefixed) as Config), ...this.place(), ...secrets },
            }),
        );
    }

    /** Sets a secret of the stack's config, by its path. `configure` keeps it. */
    async setSecret(key: string, value: string): Promise<void> {
        const [first] = key.split(".");
        const name = `${this.project.pulumiName}:${first}`;
        const path = `${this.project.pulumiName}:${key}`;
        const set = ["config", "set", "--secret", "--path", "--stack", this.name];
        // A word that begins with a hyphen would be an option. Around a key in PEM form, spaces do not matter.
        const ended = await this.pulumi(...set, path, value.replace(/^-/, "\n-"));
        if (ended.code !== 0) {
            throw new Error(ended.output);
        }
        const written = parse(this.project.read(this.file)) as Required<StackFile>;
        const { encryptionsalt, config } = written;
        this.secrets = { encryptionsalt, config: { ...this.secrets.config, [name]: config[name] } };
    }

    up(...args: string[]): Promise<Ended> {
        return this.startUp(args).ended;
    }

    /** Starts `up` without waiting, with further arguments or variables. */
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

    /** Starts a command of Pulumi without waiting. */
    start(args: string[], variables: NodeJS.ProcessEnv = {}): Running {
        const words = [...args, "--non-interactive", "--color", "never"];
        return this.spawn("pulumi", words, variables, () => ran("pulumi", ...args));
    }

    /** Runs one of the project's scripts, as `npm run` does. */
    script(name: string, ...args: string[]): Promise<Ended> {
        return this.startScript(name, ...args).ended;
    }

    /** Starts one of the project's scripts without waiting. */
    startScript(name: string, ...args: string[]): Running {
        const words = ["--require", "./runtime/strip.cjs", "cli/mlops.ts", name, ...args];
        return this.spawn(process.execPath, words, {}, () => ranScript(name, ...args));
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

    /** Destroys the stack, and then removes its volumes, which a destruction keeps. */
    async destroy(): Promise<Ended> {
        await this.pulumi("state", "unprotect", "--all", "--yes", "--stack", this.name);
        const ended = await this.pulumi("destroy", "--yes", "--skip-preview", "--stack", this.name);
        if (ended.code !== 0) {
            return ended;
        }
        await this.engine.clean();
        const removed = await this.pulumi("stack", "rm", "--yes", this.name);
        rmSync(join(this.folder, this.file), { force: true });
        return removed.code === 0 ? ended : removed;
    }

    /** The engine in the stack's config. */
    private place(): Config {
        return this.other === undefined ? {} : { "docker:host": this.other.host };
    }

    /** Pulumi's Docker plugin builds images at the engine of the variable, whatever the config says. */
    private engineVariables(): NodeJS.ProcessEnv {
        return this.other === undefined ? {} : { DOCKER_HOST: this.other.host, DOCKER_CONTEXT: "" };
    }

    /** @param succeeded is called after a successful end */
    private spawn(
        command: string,
        args: string[],
        variables: NodeJS.ProcessEnv,
        succeeded: () => void,
    ): Running {
        const began = Date.now();
        const env = { ...process.env, ...this.engineVariables(), ...this.variables, ...variables };
        const child = spawn(command, args, { cwd: this.folder, env });
        let output = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
        const ended = new Promise<Ended>((resolvePromise, reject) => {
            child.once("error", reject);
            child.once("exit", (code) => {
                if (code === 0) {
                    succeeded();
                }
                resolvePromise({ code, output, seconds: (Date.now() - began) / 1000 });
            });
        });
        return { ended, stdout: child.stdout, kill: (signal = "SIGKILL") => child.kill(signal) };
    }
}
