/**
 * A process that tries one lock after another, at the same moments as other processes: `lockHolder.ts FOLDER COUNT`.
 * Standard input has the time of the first one. The process writes "in" for each lock that it holds, and "two" if
 * another living process holds the lock too.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { withLock } from "../../cli/local/lock";
import { isRunning } from "./processes";

const [folder = "", count = ""] = process.argv.slice(2);
const BETWEEN_MS = 40;
const HELD_MS = 20;
const SPIN_MS = 5;

async function hold(number: number): Promise<void> {
    const witnesses = join(folder, `witnesses-${number}`);
    mkdirSync(witnesses, { recursive: true });
    await withLock(join(folder, `lock-${number}`), async () => {
        const mine = join(witnesses, `${process.pid}`);
        writeFileSync(mine, "");
        process.stdout.write("in\n");
        await sleep(HELD_MS);
        const others = readdirSync(witnesses).map(Number);
        if (others.some((pid) => pid !== process.pid && isRunning(pid))) {
            process.stdout.write("two\n");
        }
        rmSync(mine);
    });
}

async function main(start: number): Promise<void> {
    const holding: Promise<void>[] = [];
    for (let number = 0; number < Number(count); number++) {
        const at = start + number * BETWEEN_MS;
        await sleep(at - SPIN_MS - Date.now());
        while (Date.now() < at) {
            // A timer would come later than the moment that counts.
        }
        holding.push(hold(number));
    }
    await Promise.all(holding);
    process.exit(0);
}

process.stdin.once("data", (chunk: Buffer) => void main(Number(chunk.toString())));
process.stdout.write("ready\n");
