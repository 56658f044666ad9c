/**
 * Measures a release by the number of replicas: the seconds of `up`, the seconds in which the engine replaces the
 * tasks, and the predictions that failed meanwhile. Then measures an `up` with nothing to do. The command makes a
 * stack of its own with the tests' trainer, which starts at once, and removes the stack:
 *
 *   npm run bench:rollout -- [--replicas 1,10,50] [--monitor 15s] [--memory 1g] [--short]
 *
 * --memory is what each replica reserves; without it, nothing is reserved. --short is for the tests: it shows that
 * everything works, and its figures say nothing.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import Docker from "dockerode";

import { ensureEngine } from "../cli/setup/engine";
import { prepare } from "../cli/setup/prepare";
import { isolated } from "../cli/testing/isolated";
import { asRun } from "../cli/testing/runs";
import { parseSeconds } from "../common/units";
import { Asking } from "../test/support/asking";
import { Client } from "../test/support/stack/client";
import { TestProject } from "../test/support/stack/project";
import { TestStack } from "../test/support/stack/stack";
import { release, stub } from "../test/support/stack/stub";
import type { Ended } from "../test/support/stack/types";

/** Connections that ask for predictions, each with a pause between two of them. */
const CONNECTIONS = 4;
const PAUSE_MS = 20;
const USUAL = { replicas: "1,10,50", monitor: "15s" };
const SHORT = { replicas: "4", monitor: "2s" };

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: {
            replicas: { type: "string" },
            monitor: { type: "string" },
            memory: { type: "string" },
            short: { type: "boolean", default: false },
        },
    });
    const { replicas, monitor } = { ...(values.short ? SHORT : USUAL), ...values };
    const counts = replicas.split(",").map(Number);
    const environment = await prepare();
    const { docker } = await ensureEngine();
    const measure = async (env: NodeJS.ProcessEnv): Promise<void> => {
        Object.assign(process.env, env);
        const project = new TestProject();
        const stack = await TestStack.create(project, project.name);
        try {
            for (const [run, count] of counts.entries()) {
                stack.configure({
                    ...stub(),
                    monitor,
                    sourceMount: false,
                    serving: {
                        port: stack.ports.api,
                        replicas: count,
                        ...(values.memory === undefined ? {} : { reservations: { memory: values.memory } }),
                    },
                });
                report(`${count} replicas, before the release`, await succeeded(stack.up()));
                release(project, { mlflowRetrySeconds: 61 + run });
                const { ended, asked, failed } = await underLoad(await Client.of(stack), stack.up());
                report(`${count} replicas, a release`, await succeeded(Promise.resolve(ended)));
                console.log(
                    `  replaced by the engine in ${(await updateSeconds(docker, stack)).toFixed(1)} s`,
                );
                console.log(`  predictions that failed: ${failed.length} of ${asked}`);
                failed.slice(0, 3).forEach(({ why }) => console.log(`    ${why}`));
                // Until its tasks have run for the monitor period, an update waits for them.
                await sleep(parseSeconds(monitor)! * 1000);
                report(`${count} replicas, nothing to do`, await succeeded(stack.up("--expect-no-changes")));
            }
        } finally {
            await stack.destroy();
            project.remove();
        }
    };
    await asRun(docker, (run) => isolated(environment, run, measure));
}

/** Asks for predictions while work is under way. Each connection goes on after a failure. */
async function underLoad(client: Client, work: Promise<Ended>) {
    const sample = await (await client.sample()).text();
    const asking = new Asking(() => client.post("/predict", sample), PAUSE_MS, CONNECTIONS);
    const ended = await work.finally(() => asking.end());
    return { ended, asked: asking.asked, failed: asking.failures };
}

/** The seconds from the beginning to the end of the last update of the serving tasks, by the engine's clock. */
async function updateSeconds(docker: Docker, { engine }: TestStack): Promise<number> {
    const { UpdateStatus } = (await docker
        .getService(engine.physical("serving"))
        .inspect()) as Docker.Service;
    const { State, StartedAt = "", CompletedAt = "" } = UpdateStatus ?? {};
    if (State !== "completed") {
        throw new Error(`the engine's last update of serving is ${State ?? "missing"}, expected completed`);
    }
    return (Date.parse(CompletedAt) - Date.parse(StartedAt)) / 1000;
}

async function succeeded(work: Promise<Ended>): Promise<number> {
    const { code, output, seconds } = await work;
    if (code !== 0) {
        throw new Error(output);
    }
    return seconds;
}

function report(what: string, seconds: number): void {
    console.log(`${what}: ${seconds.toFixed(1)} s`);
}

main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
