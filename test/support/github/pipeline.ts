import type { GitHub } from "./github";
import type { JobRun } from "./jobMachine";
import { TestProject } from "../stack/project";
import { SshEngine } from "../engine/sshEngine";
import { type Config, TestStack } from "../stack/stack";
import { destroyAll } from "../stack/suite";
import { Trio } from "../stack/trio";
import { type Contexts, Workflows } from "./workflows";

const RUN_ID = "4711";
const PULL = 7;

/**
 * A repository with workflows that run on this machine. GitHub's machines deploy staging through ssh. All other jobs
 * run beside the engine. The state is in the tests' own backend.
 */
export class Pipeline {
    private readonly runs: JobRun[] = [];

    private constructor(
        readonly project: TestProject,
        readonly staging: TestStack,
        readonly prod: TestStack,
        readonly ssh: SshEngine,
        private readonly github: GitHub,
        private readonly trio: Trio,
    ) {}

    static async create(github: GitHub): Promise<Pipeline> {
        const project = new TestProject();
        const ssh = new SshEngine();
        await ssh.start();
        const trio = new Trio(project, (name) => TestStack.planned(project, name));
        const [staging, prod] = [await trio.init("staging"), await trio.init("prod")];
        return new Pipeline(project, staging, prod, ssh, github, trio);
    }

    /** Writes prod's configuration for the next commit. */
    configureProd(config: Config): void {
        this.trio.configureProd(config);
    }

    /** Pushes the project's content to the pull request. */
    pull(): Promise<JobRun[]> {
        const head = { repo: { full_name: "team/models" } };
        return this.run("preview", "main", { event: { pull_request: { number: PULL, head } } });
    }

    /** Pushes the project's content to a branch. */
    push(branch: string): Promise<JobRun[]> {
        return this.run("deploy", branch);
    }

    /** Starts a workflow by hand or by the clock, on main's present content. */
    dispatch(name: string, inputs: Record<string, string>): Promise<JobRun[]> {
        return this.run(name, "main", {}, inputs, this.project.head());
    }

    /** Promotes staging's newest release in a pull request, as a person does. */
    async promote(): Promise<JobRun | undefined> {
        const { code, output } = await this.trio.promote();
        if (code !== 0) {
            throw new Error(output);
        }
        return (await this.pull())[0];
    }

    /** Pins a commit in prod's file by hand. */
    pin(commit: string): void {
        const text = this.project.read(this.prod.file);
        this.project.edit(this.prod.file, text.replace(/(:release: ).*/, `$1${commit}`));
    }

    /** Everything that somebody could see. */
    shown(): string[] {
        return this.runs.flatMap(({ output, summary }) => [output, summary]);
    }

    /** The commands of the steps that ran. */
    ran(): string[] {
        return this.runs.flatMap(({ ran }) => ran);
    }

    /** The texts that nobody may see, in pieces of one line. */
    async hidden(): Promise<Record<string, string>> {
        const [staging, prod] = await Promise.all([this.staging.outputs(), this.prod.outputs()]);
        return {
            "the key": this.ssh.key.split("\n")[1]!,
            "the passphrase": process.env.PULUMI_CONFIG_PASSPHRASE!,
            "staging's password": staging.password,
            "production's password": prod.password,
        };
    }

    private secrets(): Record<string, string> {
        return {
            DEPLOY_SSH_KEY: this.ssh.key,
            PULUMI_BACKEND_URL: process.env.PULUMI_BACKEND_URL!,
            PULUMI_CONFIG_PASSPHRASE: process.env.PULUMI_CONFIG_PASSPHRASE!,
        };
    }

    /** Ends everything. Also ends the servers if a stack cannot be removed, because the tests would wait for them. */
    async remove(): Promise<void> {
        try {
            await destroyAll([this.staging, this.prod]);
        } finally {
            this.ssh.stop();
        }
        this.project.remove();
    }

    private async run(
        workflow: string,
        branch: string,
        github: Partial<Contexts["github"]> = {},
        inputs: Record<string, string> = {},
        sha = this.commit(),
    ): Promise<JobRun[]> {
        const { GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN } = this.github.environment();
        const contexts: Contexts = {
            github: {
                sha,
                ref: `refs/heads/${branch}`,
                ref_name: branch,
                actor: "ann",
                repository: GITHUB_REPOSITORY!,
                api_url: GITHUB_API_URL!,
                run_id: RUN_ID,
                token: GITHUB_TOKEN!,
                event: {},
                ...github,
            },
            inputs,
            vars: {
                DEPLOY_RUNNER: "beside-the-engine",
                // An empty variable of the job would override the tests' own.
                DOCKER_HOST: process.env.DOCKER_HOST ?? "",
                PRODUCTION_STACK: this.prod.name,
                STAGING_STACK: this.staging.name,
            },
            environments: {
                staging: {
                    DEPLOY_KNOWN_HOSTS: this.ssh.knownHosts,
                    DEPLOY_RUNNER: "",
                    DOCKER_HOST: this.ssh.address,
                },
            },
            secrets: this.secrets(),
        };
        const { PULUMI_BACKEND_URL: _url, PULUMI_CONFIG_PASSPHRASE: _passphrase, ...env } = process.env;
        const runs = await new Workflows(this.project.folder, this.ssh.environment(env)).run(
            workflow,
            contexts,
        );
        this.runs.push(...runs);
        return runs;
    }

    /** Commits the content of the project and of its stacks' files, and tells GitHub about the branch. */
    private commit(): string {
        for (const { file } of [this.staging, this.prod]) {
            this.project.track(file, "what the stacks are to be");
        }
        const file = this.project.read(this.prod.file);
        this.github.branches.set("main", new Map([[this.prod.file, file]]));
        return this.project.head();
    }
}
