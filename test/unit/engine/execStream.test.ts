import { spawnSync } from "node:child_process";
import { Duplex, PassThrough, Readable } from "node:stream";

import { expect } from "chai";
import type Docker from "dockerode";

import { execStream, execText, Stalled } from "../../../engine/streams/execStream";
import { fakeExec, frame, type Said } from "../../support/engine/fakeExec";

/** An engine with one container. Its commands answer their standard input. */
function engineOf(answer: (input: string) => Said): Docker {
    return {
        getContainer: () => ({ exec: () => Promise.resolve(fakeExec(answer)) }),
    } as unknown as Docker;
}

describe("a command in a container", () => {
    it("gets its input and gives its output, exit code and last words", async () => {
        const engine = engineOf((input) => ({ stdout: input.toUpperCase(), stderr: "done\n", exitCode: 3 }));
        const end = await execText(engine, "id", ["cat"], { input: Readable.from(["some ", "text"]) });
        expect(end).to.deep.equal({ stdout: "SOME TEXT", stderr: "done", exitCode: 3 });
    });

    it("that ended before it read all says itself why", async () => {
        const engine = engineWith(4, (stream) => {
            stream.push(frame(2, "no room"));
            stream.push(null);
        });
        const end = await execText(engine, "id", ["cat"], { input: new PassThrough() });
        expect(end).to.include({ exitCode: 4, stderr: "no room" });
    });

    for (const [what, command, exitCode] of [
        ["ends before its input does, as tar and pg_restore do", ["head", "-c", "1"], 0],
        ["fails before it has read its input", ["sh", "-c", "exit 5"], 5],
    ] as const) {
        it(`that ${what} keeps its exit code, and has no input lost unseen`, async () => {
            let cmd: string[] = [];
            const engine = {
                getContainer: () => ({
                    exec: ({ Cmd }: { Cmd: string[] }) => {
                        cmd = Cmd;
                        return Promise.resolve(fakeExec(() => ({})));
                    },
                }),
            } as unknown as Docker;
            await execStream(engine, "id", command, { input: Readable.from([""]) });
            const large = Buffer.alloc(1 << 20);
            const { status, error } = spawnSync(cmd[0]!, cmd.slice(1), { input: large });
            expect(status).to.equal(exitCode);
            expect(error === undefined, "all was read").to.equal(exitCode === 0);
        });
    }

    it("is let go of at a signal", async () => {
        const controller = new AbortController();
        const engine = engineWith(0, () => controller.abort());
        const error = await execStream(engine, "id", ["sleep"], { signal: controller.signal }).catch(
            (it: Error) => it.name,
        );
        expect(error).to.equal("AbortError");
    });

    const never = new Promise<never>(() => undefined);
    const silent = () => new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    const hanging: [string, object][] = [
        ["an engine that does not take it", { exec: () => never }],
        ["an engine that does not start it", { exec: () => Promise.resolve({ start: () => never }) }],
        [
            "one that says nothing and does not end",
            { exec: () => Promise.resolve({ start: () => Promise.resolve(silent()) }) },
        ],
        [
            "an engine that does not tell its end",
            { exec: () => Promise.resolve({ ...fakeExec(() => ({})), inspect: () => never }) },
        ],
    ];
    for (const [what, container] of hanging) {
        it(`is given up after a while: ${what}`, async () => {
            const engine = { getContainer: () => container } as unknown as Docker;
            const error = await execText(engine, "c".repeat(64), ["psql"], { stallSeconds: 0.05 }).catch(
                (it: unknown) => it,
            );
            expect(error).to.be.instanceOf(Stalled);
            expect(String(error)).to.include("container cccccccccccc: psql neither said nor took anything");
        });
    }

    it("may take any time while it goes on", async () => {
        let left = 6;
        const stream: Duplex = new Duplex({
            read: () => setTimeout(() => stream.push(left-- > 0 ? frame(1, "x") : null), 30),
            write: (_chunk, _encoding, done) => done(),
        });
        const exec = {
            start: () => Promise.resolve(stream),
            inspect: () => Promise.resolve({ ExitCode: 0 }),
        };
        const engine = { getContainer: () => ({ exec: () => Promise.resolve(exec) }) } as unknown as Docker;
        const end = await execText(engine, "id", ["tar"], { stallSeconds: 0.1 });
        expect(end.stdout).to.equal("xxxxxx");
    });
});

/** An engine with a container. Its command never reads. `act` runs when somebody listens to the stream. */
function engineWith(exitCode: number, act: (stream: Duplex) => void): Docker {
    const stream: Duplex = new Duplex({
        read: () => setImmediate(() => act(stream)),
        write: (_chunk, _encoding, done) => done(),
    });
    const exec = {
        start: () => Promise.resolve(stream),
        inspect: () => Promise.resolve({ ExitCode: exitCode }),
    };
    return { getContainer: () => ({ exec: () => Promise.resolve(exec) }) } as unknown as Docker;
}
