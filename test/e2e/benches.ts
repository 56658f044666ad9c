import { spawn } from "node:child_process";
import { join } from "node:path";

import { expect } from "chai";

const ROOT = join(__dirname, "..", "..");

/** Runs the benches of serving on a trainer's image, each of them shortened, and looks at what they print. */
export async function benchServing(image: string): Promise<void> {
    const compared = await bench(image);
    for (const server of ["mlflow", "ours", "parse-fastapi"]) {
        expect(compared).to.match(new RegExp(` ${server} +\\d`));
    }
    expect(await bench(image, "observing")).to.match(/observed \d+\.\d+x/);
}

async function bench(image: string, ...args: string[]): Promise<string> {
    const script = ["--require", "./strip.cjs", "bench/serving.ts", "--image", image, "--short", ...args];
    const child = spawn(process.execPath, script, { cwd: ROOT });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    const code = await new Promise((ended) => child.once("close", ended));
    expect(code, output).to.equal(0);
    return output;
}
