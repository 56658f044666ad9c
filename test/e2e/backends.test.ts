import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { TestEngine } from "../support/engine/engine";
import { eventually, fails, succeeds } from "../support/expectations";
import { TestProject } from "../support/stack/project";
import type { TestStack } from "../support/stack/stack";
import { StateServer, startPostgres, startS3 } from "../support/state/stateServers";
import { suiteStacks } from "../support/stack/suite";

const MINUTE = 60_000;

/** A program that makes a password, and does not end while a file exists. */
const PROGRAM = `
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as random from "@pulumi/random";

async function released(): Promise<boolean> {
    while (existsSync("hold")) {
        await sleep(50);
    }
    return true;
}

export const password = new random.RandomPassword("password", { length: 32, special: false }).result;
export const done = released();
`;
const LOCKED = "the stack is currently locked by 1 lock(s)";

/** One stack in each backend, from an up that is killed to its move to the other backend. */
describe("state that a team shares", function () {
    this.timeout(2 * MINUTE);
    const servers = {} as Record<"s3" | "postgres", StateServer>;
    /** Another clone, with its own Pulumi home. */
    const clone = {} as { project: TestProject; home: string };

    before(async function () {
        // Images that the engine's cache does not have are built.
        this.timeout(5 * MINUTE);
        clone.project = new TestProject();
        clone.project.edit("index.ts", PROGRAM);
        clone.home = mkdtempSync(join(tmpdir(), "seismic-home-"));
        symlinkSync(join(process.env.PULUMI_HOME!, "plugins"), join(clone.home, "plugins"));
        const engine = new TestEngine({ project: clone.project.pulumiName, stack: clone.project.name });
        servers.s3 = await startS3(engine);
        servers.postgres = await startPostgres(engine);
    });
    after(async () => {
        await Promise.all(Object.values(servers).map((server) => server.remove()));
        rmSync(clone.home, { recursive: true });
        clone.project.remove();
    });

    for (const [kind, other] of [
        ["s3", "postgres"],
        ["postgres", "s3"],
    ] as const) {
        describe(`in ${kind}`, () => {
            let stack: TestStack;
            /** The same stack, seen from the other clone. */
            let theirs: TestStack;
            let password: string;

            suiteStacks(async (project, make) => {
                project.edit("index.ts", PROGRAM);
                stack = await make(project.name, servers[kind].variables);
                theirs = stack.seenFrom(clone.project, { PULUMI_HOME: clone.home });
            });

            it("is locked while an up goes on, and says by whom", async () => {
                const hold = join(stack.folder, "hold");
                writeFileSync(hold, "");
                const { ended, kill } = stack.startUp();
                try {
                    password = await eventually("a password that is saved", () => savedPassword(theirs));
                    const holder = `created by ${userInfo().username}@${hostname()} (pid `;
                    fails(await theirs.up(), LOCKED, holder);
                } finally {
                    kill();
                    rmSync(hold);
                }
                expect((await ended).code, "the exit code of what was killed").to.equal(null);
            });

            it("stays locked after the up was killed, until cancel; the next up goes on from there", async () => {
                fails(await theirs.up(), LOCKED, "pulumi cancel");
                succeeds(await theirs.pulumi("cancel", "--yes", "--stack", stack.name));
                succeeds(await theirs.up());
                expect((await stack.outputs()).password, "what the killed up made").to.equal(password);
                succeeds(await stack.preview("--expect-no-changes"));
            });

            it("is refused to a wrong passphrase, and left as it was", async () => {
                const before = await servers[kind].stored();
                expect(before).not.to.be.empty;
                const stranger = theirs.seenFrom(clone.project, { PULUMI_CONFIG_PASSPHRASE: "wrong" });
                fails(await stranger.up(), "incorrect passphrase");
                expect(await servers[kind].stored()).to.deep.equal(before);
            });

            it("holds no password that can be read", async () => {
                const stored = await servers[kind].stored();
                const state = [...stored].find(([key]) => key.endsWith(`/${stack.name}.json`))?.[1];
                expect(state)
                    .to.include("random:index/randomPassword:RandomPassword")
                    .and.include("ciphertext");
                const readable = [password, servers[kind].secret].flatMap((secret) =>
                    [...stored].filter(([, text]) => text.includes(secret)).map(([key]) => key),
                );
                expect(readable).to.deep.equal([]);
            });

            it(`moves to ${other}`, async () => {
                const file = join(stack.folder, "state.json");
                succeeds(await stack.pulumi("stack", "export", "--stack", stack.name, "--file", file));
                const moved = stack.seenFrom(stack.project, servers[other].variables);
                succeeds(await moved.pulumi("stack", "init", stack.name));
                succeeds(await moved.pulumi("stack", "import", "--stack", stack.name, "--file", file));
                succeeds(await moved.preview("--expect-no-changes"));
                expect((await moved.outputs()).password).to.equal(password);
                succeeds(
                    await moved.pulumi("stack", "rm", "--yes", "--force", "--preserve-config", stack.name),
                );
            });
        });
    }
});

/** The password in the stack's state, even if its up has not ended. */
async function savedPassword(stack: TestStack): Promise<string | false> {
    const { output } = await stack.pulumi("stack", "export", "--show-secrets", "--stack", stack.name);
    return /"plaintext": "\\"(\w{32})\\""/.exec(output)?.[1] ?? false;
}
