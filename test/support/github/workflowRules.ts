/** Rules for the files in .github, besides the checks of actionlint and zizmor. */
import { isMap, isScalar, isSeq, parseDocument, visit, type Document, type Scalar, type YAMLMap } from "yaml";

import { stackOf as stackNamed } from "../../../cli/stack/stackName";

/** A workflow, or an action of the repository. */
export interface Source {
    /** The path from the root of the checkout. */
    readonly name: string;
    readonly document: Document.Parsed;
    readonly steps: readonly Step[];
}

interface Step {
    /** `jobs.test.steps[0]`, or `runs.steps[0]` in an action. */
    readonly path: string;
    /** Undefined in an action. */
    readonly job?: YAMLMap;
    readonly node: YAMLMap;
}

/** Finds what is wrong, given the scripts of package.json. */
type Rule = (source: Source, scripts: readonly string[]) => string[];

const SEMANTIC_VERSION = /^ v\d+\.\d+\.\d+$/;
const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;
const CHECKOUT = "actions/checkout@";
/** A line that changes a stack, by a command or by Pulumi itself, and the options that prevent it. */
const DEPLOYS =
    /\bnpm (?:run(?: -\S+)* )?(?:mlops -- )?(?:start|deploy|rollback|restore|rotate)\b|\bpulumi\b.*\b(?:up|destroy|refresh|cancel|import)\b/;
const LOOKS_ONLY = /--(?:dry-run|list)\b/;
const STACK_OPTION = /--(?:stack|env)[ =]"?([^\s"]+)/;
/** The environment of pull requests: docs/ci.md. */
const UNREVIEWED = "preview";
const NPM_SCRIPT = /\bnpm (?:run(?:-script)?(?: -\S+)* (?:mlops -- )?(\S+)|(start|test)\b)/g;

export function parseSource(name: string, text: string): Source {
    const document = parseDocument(text);
    // This lets a rule see the content of an alias.
    visit(document, { Alias: (_, alias) => alias.resolve(document) });
    return { name, document, steps: stepsOf(document) };
}

/** The rules' findings in a file. Each begins with the path, and has the value and the remedy. */
export function problemsIn(source: Source, scripts: readonly string[]): string[] {
    const rules = [...EVERYWHERE, ...(source.document.has("jobs") ? IN_WORKFLOWS : IN_ACTIONS)];
    return [
        ...source.document.errors.map((error) => error.message),
        ...rules.flatMap((rule) => rule(source, scripts)),
    ].map((problem) => `${source.name}: ${problem}`);
}

const pinnedUses: Rule = ({ document }) => {
    const problems: string[] = [];
    visit(document, {
        Pair(_, { key, value }) {
            if (!isScalar(key) || key.value !== "uses" || !isScalar(value)) {
                return;
            }
            const used = String(value.value);
            const pinned = PINNED.test(used) && SEMANTIC_VERSION.test(value.comment ?? "");
            if (!used.startsWith("./") && !pinned) {
                const got = [used, ...(value.comment ? [`#${value.comment}`] : [])].join(" ");
                problems.push(`uses: got ${got}; write OWNER/REPOSITORY@COMMIT # vX.Y.Z`);
            }
        },
    });
    return problems;
};

const cleanCheckout: Rule = ({ steps }) =>
    steps
        .filter(({ node }) => textOf(node, "uses").startsWith(CHECKOUT))
        .filter(({ node }) => !leavesNoCredentials(node) && !hasReason(node))
        .map(
            ({ path }) =>
                `${path}: checkout keeps its credentials; set persist-credentials to false or say why not`,
        );

const plainRun: Rule = ({ steps }) =>
    steps
        .filter(({ node }) => textOf(node, "run").includes("${{"))
        .map(({ path }) => `${path}.run: has an expression in it; pass the value in env`);

const knownScripts: Rule = ({ steps }, scripts) =>
    steps.flatMap(({ path, node }) =>
        [...textOf(node, "run").matchAll(NPM_SCRIPT)]
            .map(([, run, short]) => run ?? short ?? "")
            .filter((script) => !scripts.includes(script))
            .map((script) => `${path}.run: got npm run ${script}; package.json has ${scripts.join(", ")}`),
    );

const readOnly: Rule = ({ document }) => {
    const permissions = JSON.stringify(document.get("permissions"));
    return permissions === "{}" || permissions === '{"contents":"read"}'
        ? []
        : [`permissions: got ${permissions}; write {} or contents: read, and what a job needs in the job`];
};

const timeouts: Rule = ({ document }) =>
    jobsOf(document)
        // A job that calls a workflow cannot have one. The called jobs have one.
        .filter(({ job }) => !job.has("uses") && typeof job.get("timeout-minutes") !== "number")
        .map(({ name }) => `jobs.${name}: has no timeout-minutes`);

/** Unreviewed code may use only the environment that cannot reach production. */
const unreviewedCode: Rule = ({ document }) => {
    const isUnreviewed = /pull_request/.test(JSON.stringify(document.get("on") ?? ""));
    const inIt = jobsOf(document).filter(({ job }) => usesCredentials(job) || job.has("environment"));
    const wrong = inIt.filter(({ job }) => (textOf(job, "environment") === UNREVIEWED) !== isUnreviewed);
    return [
        ...wrong.map(
            ({ name, job }) =>
                `jobs.${name}.environment: got ${textOf(job, "environment")}; ` +
                (isUnreviewed
                    ? `a pull request's code gets no other than ${UNREVIEWED}`
                    : `${UNREVIEWED} is for pull requests' code`),
        ),
        ...inIt
            .filter(({ job }) => isUnreviewed && JSON.stringify(job).includes("PRODUCTION_"))
            .map(
                ({ name }) =>
                    `jobs.${name}: names production's stack; a pull request's code does not reach it`,
            ),
    ];
};

/**
 * Two runs on one stack would fight for its lock. A run that is cut off leaves the stack locked, with pending
 * operations.
 */
const oneDeploymentAtATime: Rule = ({ document, steps }) =>
    steps.flatMap(({ path, job, node }) =>
        deploymentsOf(node).flatMap((line) => {
            const stack = stackOf(line, [node, job, document]);
            const needed = JSON.stringify({ group: `stack-${stack}`, "cancel-in-progress": false });
            const got = JSON.stringify(job?.get("concurrency") ?? document.get("concurrency"));
            return got === needed
                ? []
                : [`${path}.run: changes ${stack}; concurrency: got ${got}; needs ${needed}`];
        }),
    );

/** A job holds the lock of a stack, so a deployment must be in a job's step. */
const noDeployment: Rule = ({ steps }) =>
    steps
        .filter(({ node }) => deploymentsOf(node).length > 0)
        .map(({ path }) => `${path}.run: deploys; do so in the step of a job, beside its concurrency group`);

const EVERYWHERE: readonly Rule[] = [pinnedUses, cleanCheckout, plainRun, knownScripts];
const IN_WORKFLOWS: readonly Rule[] = [readOnly, timeouts, oneDeploymentAtATime, unreviewedCode];
const IN_ACTIONS: readonly Rule[] = [noDeployment];

/** The lines of a step that change a stack. */
function deploymentsOf(step: YAMLMap): string[] {
    return textOf(step, "run")
        .split("\n")
        .filter((line) => DEPLOYS.test(line) && !LOOKS_ONLY.test(line));
}

/** The stack that a command names, also by a variable of the step, the job or the workflow. */
function stackOf(command: string, scopes: readonly (YAMLMap | Document.Parsed | undefined)[]): string {
    const named = STACK_OPTION.exec(command)?.[1] ?? "none";
    const value = named.startsWith("$")
        ? scopes.map((scope) => scope?.getIn(["env", named.slice(1)])).find((one) => one !== undefined)
        : named;
    return typeof value === "string" ? stackNamed(value) : named;
}

/** Whether a job gets secrets besides the token that every job has. */
function usesCredentials(job: YAMLMap): boolean {
    return /\bsecrets\b/.test(JSON.stringify(job));
}

function leavesNoCredentials(step: YAMLMap): boolean {
    return step.getIn(["with", "persist-credentials"]) === false;
}

/** Whether the option has a comment. */
function hasReason(step: YAMLMap): boolean {
    const options = step.get("with");
    const option = isMap(options)
        ? options.items.find(({ key }) => isScalar(key) && key.value === "persist-credentials")
        : undefined;
    return Boolean(
        (option?.key as Scalar | undefined)?.commentBefore ?? (option?.value as Scalar | undefined)?.comment,
    );
}

function jobsOf(document: Document.Parsed): { name: string; job: YAMLMap }[] {
    const jobs = document.get("jobs");
    return isMap(jobs)
        ? jobs.items.flatMap(({ key, value }) => (isMap(value) ? [{ name: String(key), job: value }] : []))
        : [];
}

function stepsOf(document: Document.Parsed): Step[] {
    const lists = [
        ...jobsOf(document).map(({ name, job }) => ({
            path: `jobs.${name}.steps`,
            job,
            list: job.get("steps"),
        })),
        { path: "runs.steps", list: document.getIn(["runs", "steps"]) },
    ];
    return lists.flatMap(({ path, list, ...rest }) =>
        isSeq(list)
            ? list.items.flatMap((node, i) => (isMap(node) ? [{ path: `${path}[${i}]`, node, ...rest }] : []))
            : [],
    );
}

function textOf(map: YAMLMap, key: string): string {
    const value = map.get(key);
    return typeof value === "string" ? value : "";
}
