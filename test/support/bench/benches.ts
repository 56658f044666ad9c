import { spawn } from "node:child_process";
import { join } from "node:path";

import { expect } from "chai";
import Docker from "dockerode";

import { measuredUp, type Part } from "./measuredUp";
import { CHECKOUT } from "../../../cli/local/paths";
import { runOnce } from "../../../engine/tasks/oneShot";
import type { TestStack } from "../stack/stack";

const BENCH = join(CHECKOUT, "bench");

/** Runs each bench of a trainer's image in a short form, and checks its output. */
export async function benchTrainer(image: string): Promise<void> {
    await benchFeatures(image);
    const compared = await runBench("serving", "--image", image);
    for (const server of ["mlflow", "ours", "parse", "parse-fastapi"]) {
        expectFigure(compared, new RegExp(`^ +\\d+ +\\d+ \\S+ +${server} +(\\d+)`, "gm"));
    }
    const observed = await runBench("serving", "--image", image, "observing");
    expectFigure(observed, /^table .*observed (\d+\.\d+)x/gm);
    const gateways = await runBench("gateway", "--image", image);
    for (const gateway of ["no-log", "log", "sampled", "tls-log", "no-front"]) {
        expectFigure(gateways, new RegExp(`^${gateway} +(\\d+)`, "gm"));
    }
}

async function benchFeatures(image: string): Promise<void> {
    const options = {
        Image: image,
        Cmd: ["python", "bench/features.py", "/tmp/surveys", "--short"],
        WorkingDir: "/app",
        Env: ["PYTHONPATH=/app"],
        HostConfig: { NetworkMode: "none", Binds: [`${BENCH}:/app/bench:ro`] },
    };
    const { exitCode, stdout, tail } = await runOnce(new Docker(), options, () => undefined);
    expect(exitCode, tail.join("\n")).to.equal(0);
    // With so few traces, a step may take less time than the output shows, but all steps together take more.
    for (const figure of [/: (\d+) traces/g, /traces in (\d+\.\d+) s/g, /\(([\d,]+) traces\/s\)/g]) {
        expectFigure(stdout, figure);
    }
    expect(stdout).to.match(/: open \d+\.\d+, fit \d+\.\d+, features \d+\.\d+;/);
    expectFigure(stdout, /peak (\d+) MiB/g);
}

/** Runs the bench of an `up` of a stack that has nothing to do. */
export async function benchIdle({ name, folder }: TestStack): Promise<void> {
    const printed = await runBench("idle", "--stack", name, "--folder", folder);
    for (const row of [`stack ${name}`, "empty program", "ratio", "the program's memory, largest"]) {
        expectFigure(printed, new RegExp(`^  ${row}: (\\d+(\\.\\d+)?)`, "gm"));
    }
}

/** Brings a stack up like the bench of a release, and checks the measurements. */
export async function benchUp(stack: TestStack): Promise<void> {
    expectParts(await measuredUp(stack));
}

/** Runs the whole bench of a release, with its own stack. */
export async function benchRelease(): Promise<void> {
    const printed = await runBench("release");
    const [cold, changed, ...more] = printed.split(/^(?=from nothing|changed line)/m).slice(1);
    expect(more).to.deep.equal([]);
    const rowsOf = (block: string) =>
        [...block.matchAll(/^ {2}(\S.*?) +(\d+\.\d) s$/gm)].map(([, what, s]): Part => [what!, Number(s)]);
    expectParts(rowsOf(cold!));
    expectParts(rowsOf(changed!), "until the new version answered");
}

/** Runs the bench of a release by the number of replicas, with its own stack. */
export async function benchRollout(): Promise<void> {
    const printed = await runBench("rollout");
    for (const row of ["before the release", "a release", "nothing to do"]) {
        expectFigure(printed, new RegExp(`^4 replicas, ${row}: (\\d+\\.\\d) s$`, "gm"));
    }
    expectFigure(printed, /^ {2}replaced by the engine in (\d+\.\d) s$/gm);
    expectFigure(printed, /^ {2}predictions that failed: 0 of (\d+)$/gm);
}

function expectParts(parts: readonly Part[], ...more: string[]): void {
    const told = parts.map(([what]) => what);
    const wanted = ["program and image", "training and gate", "serving updated", "smoke test, stage, alias"];
    expect(told).to.deep.equal([...wanted, "all of up", ...more]);
    for (const [what, seconds] of parts) {
        expect(seconds, what).to.be.greaterThan(0);
    }
}

/** Checks that a figure is printed, once or more, and is above 0. */
function expectFigure(printed: string, figure: RegExp): void {
    const found = [...printed.matchAll(figure)].map(([, it]) => Number(it!.replaceAll(",", "")));
    expect(found, `${figure}\n${printed}`).to.not.be.empty;
    expect(Math.min(...found), `${figure}\n${printed}`).to.be.greaterThan(0);
}

/** The output of a shortened bench. */
async function runBench(name: string, ...args: string[]): Promise<string> {
    const script = ["--require", "./runtime/strip.cjs", `bench/${name}.ts`, "--short", ...args];
    const child = spawn(process.execPath, script, { cwd: CHECKOUT });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    const code = await new Promise((ended) => child.once("close", ended));
    expect(code, output).to.equal(0);
    return output;
}
