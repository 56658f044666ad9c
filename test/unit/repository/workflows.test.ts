import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parse } from "yaml";
import { CHECKOUT, filesBelow } from "../../../cli/local/paths";
import { parseSource, problemsIn } from "../../support/github/workflowRules";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const CONCURRENCY = `
    concurrency:
      group: stack-\${{ inputs.stack }}
      cancel-in-progress: false`;
const WORKFLOW = `
permissions: {}
jobs:
  deploy:
    timeout-minutes: 10${CONCURRENCY}
    steps:
      - uses: actions/checkout@${COMMIT} # v1.2.3
        with:
          persist-credentials: false
      - uses: ./.github/actions/prepare
      - run: npm run -s deploy -- --stack "$STACK"
        env:
          STACK: \${{ inputs.stack }}
`;
const ACTION = `
runs:
  using: composite
  steps:
    - run: npm test
      shell: bash
`;

interface Job {
    env?: Record<string, string>;
}

/** The variables of a job that reaches a stack's state and engine: docs/ci.md. */
const REACHING = {
    AWS_REGION: "${{ vars.AWS_REGION }}",
    AWS_ROLE_ARN: "${{ vars.AWS_ROLE_ARN }}",
    DOCKER_HOST: "${{ vars.DOCKER_HOST }}",
    PGPASSWORD: "${{ secrets.PGPASSWORD }}",
    PULUMI_ACCESS_TOKEN: "${{ secrets.PULUMI_ACCESS_TOKEN }}",
    PULUMI_BACKEND_URL: "${{ secrets.PULUMI_BACKEND_URL }}",
    PULUMI_CONFIG_PASSPHRASE: "${{ secrets.PULUMI_CONFIG_PASSPHRASE }}",
    PULUMI_ORGANIZATION: "${{ vars.PULUMI_ORGANIZATION }}",
};

describe("workflows", () => {
    const { scripts } = JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8")) as {
        scripts: Record<string, string>;
    };
    const files = ["workflows", "actions"]
        .flatMap((folder) => filesBelow(join(CHECKOUT, ".github", folder)))
        .filter((file) => /\.ya?ml$/.test(file));

    it("are there", () => {
        expect(files).to.not.be.empty;
    });

    for (const file of files) {
        const name = relative(CHECKOUT, file);
        it(`${name} keeps to the rules`, () => {
            const source = parseSource(name, readFileSync(file, "utf8"));
            expect(problemsIn(source, Object.keys(scripts))).to.deep.equal([]);
        });
    }

    it("give each job that reaches a stack the same variables", () => {
        // GitHub has no common place for them: a reusable workflow would hide the jobs' steps from their reviewers.
        const jobs = files.flatMap((file) => {
            const { jobs = {} } = parse(readFileSync(file, "utf8")) as { jobs?: Record<string, Job> };
            return Object.entries(jobs).map(([name, { env = {} }]) => ({
                name: `${relative(CHECKOUT, file)} ${name}`,
                env,
            }));
        });
        const reaching = jobs.filter(({ env }) => "PULUMI_BACKEND_URL" in env);
        expect(reaching).to.have.length.above(5);
        for (const {
            name,
            env: { STACK: _, ...env },
        } of reaching) {
            expect(env, name).to.deep.equal(REACHING);
        }
    });

    describe("rules", () => {
        for (const [what, text] of [
            ["a workflow", WORKFLOW],
            ["an action", ACTION],
            [
                "credentials that are kept for a reason",
                WORKFLOW.replace(
                    "persist-credentials: false",
                    "persist-credentials: true # the last step pushes",
                ),
            ],
            [
                "a job that calls a workflow, which cannot have a timeout",
                "permissions: {}\njobs:\n  call:\n    uses: ./.github/workflows/y.yml\n",
            ],
            [
                "a dry run, which needs no lock",
                WORKFLOW.replace(CONCURRENCY, "").replace("--stack", "--dry-run --stack"),
            ],
            [
                "a stack by the name of its environment",
                WORKFLOW.replace('"$STACK"', "production").replace("${{ inputs.stack }}", "prod"),
            ],
        ] as const) {
            it(`find nothing in ${what}`, () => {
                expect(problems(text)).to.deep.equal([]);
            });
        }

        const SECRET = "    env:\n      KEY: ${{ secrets.KEY }}\n    steps:";
        for (const [what, on, environment, found] of [
            ["a pull request's code with preview's credentials", "pull_request", "preview", 0],
            ["a pull request's code with production's credentials", "pull_request", "production-read", 1],
            ["a pull request's code with the repository's secrets", "[push, pull_request]", "", 1],
            ["code of a pull request's target", "pull_request_target", "staging", 1],
            ["reviewed code with production's credentials", "push", "production-read", 0],
            ["reviewed code with preview's credentials", "schedule", "preview", 1],
        ] as const) {
            it(`find ${found === 0 ? "nothing in" : "a mistake in"} ${what}`, () => {
                const named = environment === "" ? "" : `    environment: ${environment}\n`;
                const text = `on: ${on}\n${WORKFLOW.replace("    steps:", `${named}${SECRET}`)}`;
                expect(problems(text)).to.have.length(found);
            });
        }

        it("find production's stack where a pull request's code runs", () => {
            const named =
                "    environment: preview\n    env:\n      STACK: ${{ vars.PRODUCTION_STACK }}\n    steps:";
            const text = `on: pull_request\n${WORKFLOW.replace("    steps:", named)}`;
            expect(problems(text)).to.deep.equal([
                "x.yml: jobs.deploy: names production's stack; a pull request's code does not reach it",
            ]);
        });

        for (const [what, from, to, problem] of [
            [
                "a tag instead of a commit",
                `@${COMMIT}`,
                "@v1.2.3",
                "uses: got actions/checkout@v1.2.3 # v1.2.3;",
            ],
            ["a commit without its version", " # v1.2.3", "", `uses: got actions/checkout@${COMMIT};`],
            ["a version of one number", "# v1.2.3", "# v1", `uses: got actions/checkout@${COMMIT} # v1;`],
            [
                "write permissions",
                "permissions: {}",
                "permissions: write-all",
                'permissions: got "write-all";',
            ],
            ["default permissions", "permissions: {}", "", "permissions: got undefined;"],
            ["no timeout", "    timeout-minutes: 10\n", "", "jobs.deploy: has no timeout-minutes"],
            [
                "kept credentials",
                "persist-credentials: false",
                "clean: true",
                "jobs.deploy.steps[0]: checkout keeps",
            ],
            [
                "an expression in a script",
                '"$STACK"',
                "${{ inputs.stack }}",
                "jobs.deploy.steps[2].run: has an",
            ],
            [
                "an unknown script",
                "run -s deploy",
                "run -s deploi",
                "jobs.deploy.steps[2].run: got npm run deploi;",
            ],
            [
                "a cut-off deployment",
                "cancel-in-progress: false",
                "queue: max",
                "jobs.deploy.steps[2].run: changes",
            ],
            [
                "the lock of another stack",
                "stack-${{ inputs.stack }}",
                "stack-dev",
                "jobs.deploy.steps[2].run: changes",
            ],
            [
                "no lock",
                CONCURRENCY,
                "",
                "jobs.deploy.steps[2].run: changes ${{ inputs.stack }}; concurrency: got undefined;",
            ],
            [
                "an alias for something wrong",
                "run: npm",
                "run: &run npx x ${{ y }}\n      - run: *run",
                "jobs.deploy.steps[3]",
            ],
            ["a broken file", "permissions: {}", "permissions: {", "Flow map"],
        ] as const) {
            it(`find ${what}`, () => {
                expect(WORKFLOW).to.include(from);
                const found = problems(WORKFLOW.replace(from, () => to));
                expect(found.filter((one) => one.startsWith(`x.yml: ${problem}`))).to.not.be.empty;
            });
        }

        it("find a deployment in an action, where no lock is seen", () => {
            for (const command of ["npm start -- --stack dev", "npm run mlops -- deploy --stack dev --yes"]) {
                expect(problems(ACTION.replace("npm test", command))).to.deep.equal([
                    "x.yml: runs.steps[0].run: deploys; do so in the step of a job, beside its concurrency group",
                ]);
            }
        });
    });
});

function problems(text: string): string[] {
    return problemsIn(parseSource("x.yml", text), ["deploy", "start", "test"]);
}
