import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import { CHECKOUT } from "../../../../cli/local/paths";
import { withLock } from "../../../../cli/local/lock";
import { mayLive, thisProcess, type Owner } from "../../../../cli/local/owner";
import { run } from "../../../../cli/local/processes";
import { temporaryFolder } from "../../../support/temporaryFolder";

/** A process that has ended. */
async function gone(): Promise<Owner> {
    const { stdout } = await run("sh", ["-c", "echo $$"]);
    return { ...thisProcess(), pid: Number(stdout), began: "1" };
}

describe("the lock", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    const inside = (lock: string): Promise<string> => withLock(lock, () => Promise.resolve("in"));
    const held = (lock: string, number: number, holder: Owner | "free"): void => {
        mkdirSync(lock, { recursive: true });
        writeFileSync(join(lock, `${number}`), JSON.stringify(holder));
    };

    it("lets one in at a time", async () => {
        const lock = join(folder, "lock");
        let [now, most] = [0, 0];
        const work = async (): Promise<void> => {
            most = Math.max(most, ++now);
            await sleep(20);
            now--;
        };
        await Promise.all([withLock(lock, work), withLock(lock, work)]);
        expect(most).to.equal(1);
    });

    it("is given back when the work fails", async () => {
        const lock = join(folder, "lock");
        const problem = await withLock(lock, () => Promise.reject(new Error("no"))).catch(String);
        expect(problem).to.equal("Error: no");
        expect(await inside(lock)).to.equal("in");
    });

    it("is taken over from a process that is gone, and from one whose id another process has now", async () => {
        for (const [index, holder] of [await gone(), { ...thisProcess(), began: "1" }].entries()) {
            const lock = join(folder, `lock${index}`);
            held(lock, 7, holder);
            expect(await inside(lock)).to.equal("in");
            expect(readdirSync(lock).sort()).to.deep.equal(["7", "8"]);
        }
    });

    it("is taken over from a machine's earlier boot, and from no other machine or container", () => {
        const mine = thisProcess();
        const at = (where: Partial<Owner["where"]>): Owner => ({
            ...mine,
            began: "1",
            where: { ...mine.where, ...where },
        });
        expect(mayLive(mine)).to.equal(true);
        expect(mayLive(at({}))).to.equal(false);
        expect(mayLive(at({ boot: "earlier" }))).to.equal(false);
        expect(mayLive(at({ namespace: "pid:[1]" }))).to.equal(true);
        expect(mayLive(at({ machine: "elsewhere", boot: "other" }))).to.equal(true);
    });

    it("leaves no number of days ago behind but the highest", async () => {
        const lock = join(folder, "lock");
        held(lock, 1, "free");
        held(lock, 2, "free");
        utimesSync(join(lock, "1"), 1, 1);
        utimesSync(join(lock, "2"), 1, 1);
        await inside(lock);
        expect(readdirSync(lock)).to.deep.equal(["3"]);
        expect(readFileSync(join(lock, "3"), "utf8")).to.equal('"free"');
    });

    it("has one holder whatever many processes do, of which some are killed as they hold it", async () => {
        const COUNT = 50;
        const dead = await gone();
        for (let number = 0; number < COUNT; number++) {
            // All processes find the same dead holder.
            held(join(folder, `lock-${number}`), 1, dead);
        }
        const holders = [1, 2, 3, 4].map(() => new Holding(folder, COUNT));
        await Promise.all(holders.map((it) => it.says(/^ready$/m)));
        const start = Date.now() + 100;
        for (const { child } of holders) {
            child.stdin?.end(`${start}\n`);
        }
        const [doomed, ...lasting] = holders;
        await doomed?.says(/^in$/m);
        doomed?.child.kill("SIGKILL");
        await Promise.all(lasting.map((it) => it.ended));
        for (const { output, child } of lasting) {
            expect(child.exitCode).to.equal(0);
            expect(output.match(/^in$/gm)).to.have.length(COUNT);
        }
        expect(holders.map(({ output }) => output).join("")).to.not.match(/^two$/m);
    }).timeout(120_000);
});

/** A running test/support/lockHolder.ts. */
class Holding {
    readonly child: ChildProcess;
    readonly ended: Promise<void>;
    output = "";

    constructor(folder: string, count: number) {
        const command = [
            "--require",
            "./runtime/strip.cjs",
            "test/support/lockHolder.ts",
            folder,
            `${count}`,
        ];
        this.child = spawn(process.execPath, command, { cwd: CHECKOUT, stdio: ["pipe", "pipe", "inherit"] });
        this.child.stdout?.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
        this.ended = new Promise((resolve) => this.child.once("close", () => resolve()));
    }

    async says(words: RegExp): Promise<void> {
        while (!words.test(this.output)) {
            await new Promise((resolve) => this.child.stdout?.once("data", resolve));
        }
    }
}
