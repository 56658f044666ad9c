import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";

import { expect } from "chai";
import type Docker from "dockerode";

import { tailOfContainer } from "../../../engine/client";
import { runOnce } from "../../../engine/tasks/oneShot";
import { demultiplex, Demultiplexer, followLines } from "../../../engine/streams/frames";
import { TrainingFollower } from "../../../engine/tasks/training";
import { frame } from "../../support/engine/fakeExec";

const [STDOUT, STDERR] = [1, 2];
const progress = 'progress {"stage": "Prüfung", "done": 1, "total": 3}\n';
const note = Buffer.from("naïve – 地震\n");

/** A container's output: frames that end inside lines and characters, and an empty frame. */
const recorded = Buffer.concat([
    frame(STDOUT, "one "),
    frame(STDERR, progress.slice(0, 9)),
    frame(STDERR, Buffer.from(progress).subarray(9, 23)),
    frame(STDOUT, ""),
    frame(STDERR, Buffer.from(progress).subarray(23)),
    frame(STDOUT, "two\n"),
    frame(STDERR, note.subarray(0, 3)),
    frame(STDERR, note.subarray(3)),
    frame(STDOUT, "{}"),
]);
const errors = progress + note.toString();

/** The recorded stream in different pieces: cut in two at each byte, and cut into chunks of one size. */
const cuts: [string, Buffer[]][] = [
    ...Array.from({ length: recorded.length }, (_, at): [string, Buffer[]] => [
        `cut at ${at}`,
        [recorded.subarray(0, at), recorded.subarray(at)],
    ]),
    ...[1, 2, 7, 9, recorded.length].map((size): [string, Buffer[]] => [
        `chunks of ${size}`,
        Array.from({ length: Math.ceil(recorded.length / size) }, (_, at) =>
            recorded.subarray(at * size, (at + 1) * size),
        ),
    ]),
];

/** An engine with one container and this output. */
function engineOf(chunks: Buffer[]): Docker {
    const container = {
        start: () => Promise.resolve(),
        wait: () => new Promise((resolve) => setImmediate(() => resolve({ StatusCode: 0 }))),
        remove: () => Promise.resolve(),
        inspect: () => Promise.resolve({ State: { Running: false } }),
        logs: ({ follow }: { follow: boolean }) =>
            Promise.resolve(follow ? Readable.from(chunks) : Buffer.concat(chunks)),
    };
    return {
        createContainer: () => Promise.resolve(container),
        getContainer: () => container,
        listContainers: () => Promise.resolve([{ Id: "c", Created: 1 }]),
    } as unknown as Docker;
}

describe("the engine's multiplexed stream, wherever it is cut", () => {
    it("gives standard output whole, and the text of standard error", async () => {
        for (const [what, chunks] of cuts) {
            let text = "";
            const demultiplexer = new Demultiplexer((part) => (text += part));
            const output = await buffer(Readable.from(chunks).pipe(demultiplexer));
            expect([output.toString(), text], what).to.deep.equal(["one two\n{}", errors]);
        }
    });

    it("gives lines, each of one stream", async () => {
        for (const [what, chunks] of cuts) {
            const lines: string[] = [];
            await followLines(Readable.from(chunks), (line) => lines.push(line));
            expect(lines, what).to.deep.equal([progress.trim(), "one two", note.toString().trim(), "{}"]);
        }
    });

    it("tells each step of a training run", async () => {
        for (const [what, chunks] of cuts) {
            const told: string[] = [];
            await new TrainingFollower(engineOf(chunks), "token", 60, (text) => told.push(text)).follow();
            expect(told, what).to.deep.equal(["Prüfung 1 of 3"]);
        }
    });

    it("tells each line of a container that runs once", async () => {
        for (const [what, chunks] of cuts) {
            const lines: string[] = [];
            const end = await runOnce(engineOf(chunks), {}, (line) => lines.push(line));
            expect(lines, what).to.include.members([progress.trim(), note.toString().trim()]);
            expect(end, what).to.deep.equal({
                exitCode: 0,
                stdout: "one two\n{}",
                tail: errors.trim().split("\n"),
            });
        }
    });

    it("is read as a whole too", async () => {
        expect(demultiplex(recorded)).to.deep.equal({ stdout: "one two\n{}", stderr: errors });
        const lines = [progress.trim(), "one two", note.toString().trim(), "{}"];
        expect(await tailOfContainer(engineOf([recorded]), "c", 9)).to.deep.equal(lines);
    });

    it("is not taken for ended when it breaks off within a frame", async () => {
        const cut = frame(STDOUT, "all of it").subarray(0, 12);
        const error = await buffer(Readable.from([cut]).pipe(new Demultiplexer(() => undefined))).catch(
            (it: Error) => it.message,
        );
        expect(error).to.equal("the engine's stream ended within a frame");
        expect(() => demultiplex(cut)).to.throw("ended within a frame");
    });

    it("ends where its connection breaks", async () => {
        const stream = new PassThrough();
        const lines: string[] = [];
        const following = followLines(stream, (line) => lines.push(line));
        stream.write(frame(STDERR, "a\nb"));
        setImmediate(() => stream.destroy(new Error("reset")));
        await following;
        expect(lines).to.deep.equal(["a", "b"]);
    });
});
