import { execFileSync, spawn } from "node:child_process";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import { CHECKOUT } from "../../../cli/local/paths";
import { typed } from "../ran";
import { evaluate, interpolated } from "./expressions";

export interface Step {
    name?: string;
    if?: string;
    uses?: string;
    with?: Record<string, unknown>;
    run?: string;
    env?: Record<string, string>;
}

interface Action {
    inputs: Record<string, { default: unknown }>;
    runs: { steps: Step[] };
}

/** The result of one job: its output, each step's output, and its texts for people. */
export interface JobRun {
    job: string;
    ok: boolean;
    output: string;
    summary: string;
    /** The commands of the steps in their order, as the workflow has them, without steps that were left out. */
    ran: string[];
}

const CHECKOUT_ACTION = "actions/checkout@";
/** This machine has these, or does not need them: their code is GitHub's or another project's. */
const PLAYED = [/^actions\/setup-node@/];

/** The machine of one job: a clone, and the files with which steps talk to GitHub. */
export class JobMachine {
    private readonly folder = mkdtempSync(join(tmpdir(), "seismic-e2e-job-"));
    private readonly clone = join(this.folder, "clone");
    private readonly summary = join(this.folder, "summary.md");
    private readonly variables = join(this.folder, "env");
    private output = "";
    private failed = false;
    private readonly ran: string[] = [];

    constructor(
        private readonly origin: string,
        private readonly env: NodeJS.ProcessEnv,
    ) {
        writeFileSync(this.summary, "");
        writeFileSync(this.variables, "");
        mkdirSync(join(this.folder, "temp"));
    }

    /** Runs steps one after the other. After a failed step, only the steps that ask for it run. */
    async steps(steps: readonly Step[], contexts: object, env: Record<string, string>): Promise<void> {
        for (const step of steps) {
            const isWanted = await evaluate(step.if ?? "success()", contexts, this.failed);
            if (isWanted === true && (!this.failed || step.if !== undefined)) {
                await this.step(step, contexts, env);
            }
        }
    }

    private async step(step: Step, contexts: object, env: Record<string, string>): Promise<void> {
        const own = { ...env, ...(await interpolated(step.env ?? {}, contexts)) };
        if (step.run !== undefined) {
            this.ran.push(step.run);
            await this.command(step.run, own);
        } else if (step.uses!.startsWith(CHECKOUT_ACTION)) {
            this.checkOut((contexts as { github: { sha: string } }).github.sha);
        } else if (step.uses!.startsWith("./")) {
            await this.action(step, contexts, own);
        } else if (!PLAYED.some((action) => action.test(step.uses!))) {
            throw new Error(`${step.uses}: no test plays this action`);
        }
    }

    private async action({ uses, with: given = {} }: Step, contexts: object, env: Record<string, string>) {
        const file = join(this.clone, uses!, "action.yml");
        const { inputs, runs } = parse(readFileSync(file, "utf8")) as Action;
        const defaults = Object.fromEntries(Object.entries(inputs).map(([name, it]) => [name, it.default]));
        const values = { ...defaults, ...(await interpolated(given as Record<string, string>, contexts)) };
        await this.steps(runs.steps, { ...contexts, inputs: values }, env);
    }

    /**
     * Does the work of actions/checkout with the whole history: the commit, and the other branches as remote ones.
     */
    private checkOut(sha: string): void {
        execFileSync("git", ["clone", "-q", this.origin, this.clone]);
        execFileSync("git", ["checkout", "-q", "--detach", sha], { cwd: this.clone });
        symlinkSync(join(CHECKOUT, "node_modules"), join(this.clone, "node_modules"));
    }

    /** Does the work of GitHub: bash that ends at the first error. */
    private async command(text: string, env: Record<string, string>): Promise<void> {
        const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", text], {
            cwd: existsSync(this.clone) ? this.clone : this.folder,
            env: {
                ...this.env,
                ...env,
                ...this.exported(),
                CI: "true",
                GITHUB_ACTIONS: "true",
                GITHUB_ENV: this.variables,
                GITHUB_STEP_SUMMARY: this.summary,
                RUNNER_TEMP: join(this.folder, "temp"),
            },
        });
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8").on("data", (text: string) => (this.output += text));
        }
        const code = await new Promise((done) => child.once("close", done));
        if (code === 0) {
            typed(text.split("\n").map((line) => line.trim()));
        }
        this.failed ||= code !== 0;
    }

    /** The variables that earlier steps exported through GITHUB_ENV. */
    private exported(): Record<string, string> {
        const lines = readFileSync(this.variables, "utf8").split("\n");
        return Object.fromEntries(
            lines.filter((line) => line.includes("=")).map((line) => line.split(/=(.*)/).slice(0, 2)),
        ) as Record<string, string>;
    }

    told(job: string): JobRun {
        const { output, ran } = this;
        return { job, ok: !this.failed, output, summary: readFileSync(this.summary, "utf8"), ran };
    }

    remove(): void {
        // An agent that a job started ends with the job's machine.
        const agent = this.exported().SSH_AGENT_PID;
        if (agent !== undefined) {
            process.kill(Number(agent));
        }
        rmSync(this.folder, { recursive: true });
    }
}
