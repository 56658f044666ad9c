import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { evaluate, interpolate, interpolated } from "./expressions";
import { JobMachine, type JobRun, type Step } from "./jobMachine";

/** The names that a workflow's expressions may use. */
export interface Contexts {
    github: {
        sha: string;
        ref: string;
        ref_name: string;
        actor: string;
        repository: string;
        api_url: string;
        run_id: string;
        token: string;
        event: Record<string, unknown>;
    };
    inputs?: Record<string, unknown>;
    matrix?: Record<string, string>;
    vars: Record<string, string>;
    /** Variables of the jobs' environments, which override the repository's. */
    environments: Record<string, Record<string, string>>;
    secrets: Record<string, string>;
}

interface Job {
    if?: string;
    needs?: string;
    environment: string;
    strategy?: { matrix: Record<string, string[]> };
    env?: Record<string, string>;
    steps: Step[];
}

/**
 * Runs the workflows of a repository on this machine: the same commands of their steps, in a clone of the event's
 * commit, with the environment that GitHub would set.
 */
export class Workflows {
    /**
     * @param origin the repository's folder
     * @param env the machine's variables for each command, besides the workflow's
     */
    constructor(
        private readonly origin: string,
        private readonly env: NodeJS.ProcessEnv,
    ) {}

    /**
     * Runs the jobs of .github/workflows/NAME.yml with a true condition. A job that needs others runs after them.
     */
    async run(name: string, contexts: Contexts): Promise<JobRun[]> {
        const file = join(this.origin, ".github", "workflows", `${name}.yml`);
        const { jobs } = parse(readFileSync(file, "utf8")) as { jobs: Record<string, Job> };
        const runs: JobRun[] = [];
        for (const [job, definition] of Object.entries(jobs)) {
            const needed = runs.find((run) => run.job === definition.needs);
            const isWanted = await evaluate(definition.if ?? "true", contexts, needed?.ok === false);
            // A job is also left out if a job that it needs failed or was left out.
            if (isWanted === true && (definition.needs === undefined || needed?.ok === true)) {
                for (const matrix of await matrices(definition, contexts)) {
                    runs.push(await this.runJob(job, definition, { ...contexts, matrix }));
                }
            }
        }
        return runs;
    }

    private async runJob(job: string, definition: Job, contexts: Contexts): Promise<JobRun> {
        const { env = {}, steps } = definition;
        const machine = new JobMachine(this.origin, this.env);
        try {
            const environment = await interpolate(definition.environment, contexts);
            const vars = { ...contexts.vars, ...contexts.environments[environment] };
            const known = { ...contexts, vars };
            const values = { ...known, env: await interpolated(env, known) };
            // GitHub's own machine, unless the repository names another one.
            const kind = (vars.DEPLOY_RUNNER ?? "") === "" ? "github-hosted" : "self-hosted";
            const given = { ...defaults(contexts.github), RUNNER_ENVIRONMENT: kind };
            await machine.steps(steps, values, { ...given, ...values.env });
            return machine.told(job);
        } finally {
            machine.remove();
        }
    }
}

/** The variables that GitHub sets by itself and the project reads. */
function defaults({ actor, api_url, ref_name, repository, run_id }: Contexts["github"]) {
    const values = { actor, api_url, ref_name, repository, run_id };
    return Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, String(value)]),
    );
}

/** Each combination of a job's matrix. Without a matrix, one empty combination. */
async function matrices({ strategy }: Job, contexts: object): Promise<Record<string, string>[]> {
    const [axis] = Object.entries(strategy?.matrix ?? {});
    if (axis === undefined) {
        return [{}];
    }
    const [name, values] = axis;
    return Promise.all(values.map(async (value) => ({ [name]: await interpolate(value, contexts) })));
}
