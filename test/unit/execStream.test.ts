import { Duplex, PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";

import { expect } from "chai";
import type Docker from "dockerode";

import { Demultiplexer, execStream, execText } from "../../engine/execStream";
import { fakeExec, type Said } from "./fakeExec";

function frame(stream: number, text: string): Buffer {
    const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
}

/** An engine with one container, whose commands answer their standard input. */
function engineOf(answer: (input: string) => Said): Docker {
    return {
        getContainer: () => ({ exec: () => Promise.resolve(fakeExec(answer)) }),
    } as unknown as Docker;
}

describe("a command in a container", () => {
    it("has its streams taken apart, wherever the chunks are cut", async () => {
        const raw = Buffer.concat([frame(1, "one "), frame(2, "why"), frame(1, ""), frame(1, "two")]);
        for (const size of [1, 5, 9, raw.length]) {
            let errors = "";
            const demultiplexer = new Demultiplexer((text) => (errors += text));
            const chunks = Array.from({ length: Math.ceil(raw.length / size) }, (_, at) =>
                raw.subarray(at * size, (at + 1) * size),
            );
            const text = await buffer(Readable.from(chunks).pipe(demultiplexer));
            expect([text.toString(), errors], `chunks of ${size}`).to.deep.equal(["one two", "why"]);
        }
    });

    it("is not taken for ended when its stream breaks off within a frame", async () => {
        const cut = Readable.from([frame(1, "all of it").subarray(0, 12)]);
        const demultiplexer = new Demultiplexer(() => undefined);
        const error = await buffer(cut.pipe(demultiplexer)).catch((it: Error) => it.message);
        expect(error).to.equal("the engine's stream ended within a frame");
    });

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

    it("is let go of at a signal", async () => {
        const controller = new AbortController();
        const engine = engineWith(0, () => controller.abort());
        const error = await execStream(engine, "id", ["sleep"], { signal: controller.signal }).catch(
            (it: Error) => it.name,
        );
        expect(error).to.equal("AbortError");
    });
});

/** An engine with a container whose command never reads; `act` is done once it is listened to. */
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
