/**
 * From `pulumi up --stack staging` with a changed line of training to the new version serving, by its
 * parts, beside a cold start of the same stack. One command; it makes a stack of its own, with the
 * demo survey and search of Pulumi.staging.yaml, and removes it:
 *
 *   npm run bench:release -- --runs 3
 */
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { ensureEngine } from "../scripts/setup/engine";
import { prepare } from "../scripts/setup/prepare";
import { isolated } from "../scripts/test/isolated";
import { asRun } from "../scripts/test/runs";
import { Client } from "../test/e2e/client";
import { TestProject } from "../test/e2e/project";
import { TestStack } from "../test/e2e/stack";

const FEATURES = "trainer/seismic/features.py";
const POLL_MS = 100;

/** Ends of the parts, in order, as `up` tells of them. */
const PARTS: readonly [string, RegExp][] = [
    ["program and image", /-training (creating|replacing|deleting)/],
    ["training and gate", /-training created/],
    ["serving updated", /smoke test/],
    ["smoke test, stage, alias", /stage and alias/],
];

async function main(): Promise<void> {
    const { values } = parseArgs({ options: { runs: { type: "string", default: "3" } } });
    const environment = await prepare();
    const { docker } = await ensureEngine();
    const measure = async (env: NodeJS.ProcessEnv): Promise<void> => {
        Object.assign(process.env, env);
        const project = new TestProject();
        const stack = await TestStack.create(project, `${project.name}-staging`);
        try {
            stack.configure({
                environment: "staging",
                data: { source: "demo", traces: 20_000, samples: 462, seed: 11 },
                training: { run: "always", trials: 20 },
                monitor: "15s",
                sourceMount: true,
            });
            report("from nothing, images built before", await upAndServe(stack));
            for (let run = 1; run <= Number(values.runs); run += 1) {
                const source = project.read(FEATURES);
                project.write(FEATURES, source.replace(/^N_COMPONENTS = \d+/m, `N_COMPONENTS = ${32 - run}`));
                report(`changed line ${run}`, await upAndServe(stack));
            }
        } finally {
            await stack.destroy();
            project.remove();
        }
    };
    await asRun(docker, (run) => isolated(environment, run, measure));
}

/** Seconds of each part, and until the new version answered. */
async function upAndServe(stack: TestStack): Promise<[string, number][]> {
    const before = await stack.outputs();
    const began = Date.now();
    const seconds = () => (Date.now() - began) / 1000;
    const ends = new Map<string, number>();
    const running = stack.startUp();
    createInterface({ input: running.stdout }).on("line", (line) => {
        for (const [part, end] of PARTS) {
            if (end.test(line) && !ends.has(part)) {
                ends.set(part, seconds());
            }
        }
    });
    const served = servesAnother(stack, before.model?.version, seconds);
    const ended = await running.ended;
    if (ended.code !== 0) {
        throw new Error(ended.output);
    }
    let last = 0;
    const parts = PARTS.map(([part]): [string, number] => {
        const end = ends.get(part) ?? last;
        const length = end - last;
        last = end;
        return [part, length];
    });
    return [...parts, ["all of up", ended.seconds], ["until the new version answered", await served]];
}

async function servesAnother(
    stack: TestStack,
    version: string | undefined,
    seconds: () => number,
): Promise<number> {
    if (version === undefined) {
        return NaN;
    }
    const client = await Client.of(stack);
    while ((await client.predict()).version === version) {
        await sleep(POLL_MS);
    }
    return seconds();
}

function report(what: string, parts: [string, number][]): void {
    console.log(`\n${what}`);
    for (const [part, seconds] of parts.filter(([, it]) => !Number.isNaN(it))) {
        console.log(`  ${part.padEnd(32)} ${seconds.toFixed(1)} s`);
    }
}

void main();
