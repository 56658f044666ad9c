/**
 * Measures the time from `pulumi up --stack staging` with a changed line of training until the new
 * version serves, by parts, and also a cold start of the same stack. The command makes a stack of
 * its own, with the demo survey and the search of Pulumi.staging.yaml, and removes the stack:
 *
 *   npm run bench:release -- [--runs 3] [--short]
 *
 * --short is for the tests: it shows that everything works, and its figures say nothing.
 */
import { parseArgs } from "node:util";

import { ensureEngine } from "../cli/setup/engine";
import { prepare } from "../cli/setup/prepare";
import { isolated } from "../cli/testing/isolated";
import { asRun } from "../cli/testing/runs";
import { TestProject } from "../test/support/stack/project";
import { TestStack } from "../test/support/stack/stack";
import { measuredUp, type Part } from "../test/support/bench/measuredUp";

const FEATURES = "trainer/seismic/learning/features.py";
/** The values of Pulumi.staging.yaml. */
const USUAL = { traces: 20_000, samples: 462, trials: 20, monitor: "15s", runs: "3" };
const SHORT = { traces: 3000, samples: 128, trials: 2, monitor: "2s", runs: "1" };

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: { runs: { type: "string" }, short: { type: "boolean", default: false } },
    });
    const { traces, samples, trials, monitor, runs } = values.short ? SHORT : USUAL;
    const environment = await prepare();
    const { docker } = await ensureEngine();
    const measure = async (env: NodeJS.ProcessEnv): Promise<void> => {
        Object.assign(process.env, env);
        const project = new TestProject();
        const stack = await TestStack.create(project, `${project.name}-staging`);
        try {
            stack.configure({
                environment: "staging",
                data: { source: "demo", traces, samples, seed: 11 },
                training: { run: "always", trials },
                monitor,
                sourceMount: true,
            });
            report("from nothing, images built before", await measuredUp(stack));
            for (let run = 1; run <= Number(values.runs ?? runs); run += 1) {
                const source = project.read(FEATURES);
                project.write(FEATURES, source.replace(/^N_COMPONENTS = \d+/m, `N_COMPONENTS = ${32 - run}`));
                report(`changed line ${run}`, await measuredUp(stack));
            }
        } finally {
            await stack.destroy();
            project.remove();
        }
    };
    await asRun(docker, (run) => isolated(environment, run, measure));
}

function report(what: string, parts: readonly Part[]): void {
    console.log(`\n${what}`);
    for (const [part, seconds] of parts) {
        console.log(`  ${part.padEnd(32)} ${seconds.toFixed(1)} s`);
    }
}

void main();
