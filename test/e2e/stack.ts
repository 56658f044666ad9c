import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import Docker from "dockerode";
import { stringify } from "yaml";

import { STACK_LABEL } from "../../components/deployment";
import { freePort } from "./freePort";
import type { Ended, Outputs } from "./types";

const CHECKOUT = resolve(__dirname, "..", "..");
const IMAGES = "seismic-mlops/trainer";

export type Config = Record<string, unknown>;

/**
 * A stack of its own on the real engine: a copy of this checkout as a git
 * repository, which a test may break, and names and ports that no user has.
 */
export class TestStack {
    readonly docker = new Docker();
    readonly name = `e2e-${randomBytes(3).toString("hex")}`;
    readonly folder = mkdtempSync(join(tmpdir(), `seismic-${this.name}-`));
    private readonly imagesBefore: Promise<Set<string>> = this.trainerImages();

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
        await stack.imagesBefore;
        const init = await stack.pulumi("stack", "init", stack.name);
        if (init.code !== 0) {
            throw new Error(init.output);
        }
        return stack;
    }

    /** Physical name of a thing of the stack. */
    physical(role: string): string {
        return `seismic-mlops-${this.name}-${role}`;
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

    /** Replaces a file of the copy, and commits. */
    write(name: string, text: string): void {
        mkdirSync(dirname(join(this.folder, name)), { recursive: true });
        writeFileSync(join(this.folder, name), text);
        this.commit(name);
    }

    /** Puts a file of the copy back as the checkout has it, and commits. */
    restore(name: string): void {
        cpSync(join(CHECKOUT, name), join(this.folder, name));
        this.commit(`restore ${name}`);
    }

    up(...args: string[]): Promise<Ended> {
        return this.pulumi("up", "--yes", "--skip-preview", "--stack", this.name, ...args);
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
        return this.start(...args).ended;
    }

    /** Starts a command without waiting; `kill` ends it as `kill -9` would, its plugins not. */
    start(...args: string[]): { ended: Promise<Ended>; kill: () => void; output: () => string } {
        const began = Date.now();
        const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
            cwd: this.folder,
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
        return { ended, kill: () => child.kill("SIGKILL"), output: () => output };
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

    /** A request to the API or to MLflow through the gateway, with the stack's credentials. */
    async request(outputs: Outputs, url: string, init: RequestInit = {}): Promise<Response> {
        const credentials = Buffer.from(`${outputs.username}:${outputs.password}`).toString("base64");
        return fetch(url, { ...init, headers: { ...init.headers, authorization: `Basic ${credentials}` } });
    }

    /** Runs a Python text in the trainer's image on the stack's network, without the source at hand. */
    async python(image: string, text: string, variables: string[] = []): Promise<string> {
        const container = await this.docker.createContainer({
            Image: image,
            Cmd: ["python", "-c", text],
            WorkingDir: "/",
            Env: variables,
            Labels: { [STACK_LABEL]: this.name },
            HostConfig: { NetworkMode: `seismic-mlops-${this.name}` },
        });
        try {
            await container.start();
            const { StatusCode } = (await container.wait()) as { StatusCode: number };
            const stdout = await container.logs({ stdout: true, stderr: StatusCode !== 0 });
            if (StatusCode !== 0) {
                throw new Error(stdout.toString());
            }
            // Each frame of the stream has a header of 8 bytes.
            return stdout.subarray(8).toString();
        } finally {
            await container.remove({ force: true });
        }
    }

    /** Containers of the stack with this role that run. */
    async running(role: string): Promise<Docker.ContainerInfo[]> {
        return this.docker.listContainers({
            filters: { label: [`${STACK_LABEL}=${this.name}`, `seismic.role=${role}`] },
        });
    }

    /** What of the stack is on the engine: containers, services, networks, volumes, secrets and configs. */
    async left(): Promise<string[]> {
        const filters = { label: [`${STACK_LABEL}=${this.name}`] };
        const [containers, services, networks, { Volumes }, secrets] = await Promise.all([
            this.docker.listContainers({ all: true, filters }),
            this.docker.listServices({ filters }),
            this.docker.listNetworks({ filters }),
            this.docker.listVolumes({ filters }),
            this.docker.listSecrets({ filters }),
        ]);
        return [
            ...containers.map(({ Names }) => `container ${Names[0]}`),
            ...services.map((service) => `service ${service.Spec?.Name}`),
            ...networks.map(({ Name }) => `network ${Name}`),
            ...Volumes.map(({ Name }) => `volume ${Name}`),
            ...secrets.map((secret) => `secret ${secret.ID}`),
        ];
    }

    /** Destroys the stack, and then its volumes, which a stack's destruction keeps. */
    async destroy(): Promise<Ended> {
        const ended = await this.pulumi("destroy", "--yes", "--skip-preview", "--stack", this.name);
        if (ended.code !== 0) {
            return ended;
        }
        const { Volumes } = await this.docker.listVolumes({
            filters: { label: [`${STACK_LABEL}=${this.name}`] },
        });
        for (const { Name } of Volumes) {
            await this.docker.getVolume(Name).remove();
        }
        await this.removeImages();
        const removed = await this.pulumi("stack", "rm", "--yes", this.name);
        rmSync(this.folder, { recursive: true });
        return removed.code === 0 ? ended : removed;
    }

    /** The images that only broken copies made. */
    private async removeImages(): Promise<void> {
        const before = await this.imagesBefore;
        for (const tag of await this.trainerImages()) {
            if (!before.has(tag)) {
                await this.docker.getImage(tag).remove();
            }
        }
    }

    private async trainerImages(): Promise<Set<string>> {
        const images = await this.docker.listImages({ filters: { reference: [IMAGES] } });
        return new Set(images.flatMap(({ RepoTags }) => RepoTags ?? []));
    }

    private commit(message: string): void {
        this.git("add", "-A");
        this.git("commit", "-q", "--allow-empty", "-m", message);
    }

    private git(...args: string[]): void {
        execFileSync("git", ["-c", "user.name=e2e", "-c", "user.email=e2e@example.org", ...args], {
            cwd: this.folder,
        });
    }
}
