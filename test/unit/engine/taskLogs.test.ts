import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";

import { expect } from "chai";
import type Docker from "dockerode";

import { clientAt } from "../../../engine/client";
import { containerLines, type LogLine, nanoseconds } from "../../../engine/tasks/containerLog";
import { followTasks, merged, pastLines } from "../../../engine/tasks/taskLogs";
import { eventually } from "../../support/expectations";
import { frame } from "../../support/engine/fakeExec";
import { temporaryFolder } from "../../support/temporaryFolder";

const DAY = "2026-01-31T16:34:";
const at = (second: number, nanos = 0) =>
    nanoseconds(Date.parse(`${DAY}${String(second).padStart(2, "0")}Z`)) + BigInt(nanos);
/** A line as the engine sends it. */
const sent = (second: number, text: string, nanos = 0, stream = 1) =>
    frame(stream, `${DAY}${String(second).padStart(2, "0")}.${String(nanos).padStart(9, "0")}Z ${text}\n`);

/** An engine that serves the output of containers over HTTP, as it is written. */
class LogEngine {
    readonly containers = new Map<string, { state: string; output: Buffer[]; followers: ServerResponse[] }>();
    /** The questions for output: "a?since=1.5". */
    readonly asked: string[] = [];
    private readonly server: Server;

    constructor(private readonly folder: string) {
        this.server = createServer((request, response) => {
            const url = new URL(request.url!, "http://engine");
            const id = /\/containers\/(\w+)\/logs/.exec(url.pathname)?.[1];
            if (id === undefined) {
                const list = [...this.containers].map(([Id, { state: State }]) => ({ Id, State }));
                response.end(JSON.stringify(list));
                return;
            }
            const found = this.containers.get(id);
            const { since, until, follow } = Object.fromEntries(url.searchParams);
            this.asked.push(`${id} since=${since} until=${until} follow=${follow}`);
            if (found === undefined) {
                response.writeHead(404).end('{"message":"none"}');
                return;
            }
            response.writeHead(200);
            response.flushHeaders();
            found.output.forEach((it) => response.write(it));
            if (follow === "true" && found.state === "running") {
                found.followers.push(response);
            } else {
                response.end();
            }
        });
    }

    async listen(): Promise<Docker> {
        const socket = join(this.folder, "engine.sock");
        await new Promise<void>((listening) => this.server.listen(socket, listening));
        return clientAt(`unix://${socket}`, {});
    }

    add(id: string, state: string, ...output: Buffer[]): void {
        this.containers.set(id, { state, output, followers: [] });
    }

    /** Writes a line to those who follow. */
    say(id: string, line: Buffer): void {
        this.containers.get(id)!.followers.forEach((it) => it.write(line));
    }

    /** Ends the connections of those who follow. */
    cut(id: string, state: string): void {
        const container = this.containers.get(id)!;
        Object.assign(container, { state, output: [] });
        container.followers.splice(0).forEach((it) => it.destroy());
    }

    close(): void {
        this.server.closeAllConnections();
        this.server.close();
    }
}

describe("the output of tasks", () => {
    let folder: string;
    let fake: LogEngine;
    let engine: Docker;
    temporaryFolder((made) => (folder = made));
    beforeEach(async () => {
        fake = new LogEngine(folder);
        engine = await fake.listen();
    });
    afterEach(() => fake.close());

    const collected = async (lines: AsyncGenerator<LogLine, void>) => {
        const all: string[] = [];
        for await (const { text } of lines) {
            all.push(text);
        }
        return all;
    };

    it("is read with times to the nanosecond, both streams, however the engine cuts it", async () => {
        const whole = Buffer.concat([sent(1, "one 地震", 5), sent(1, "two", 6, 2)]);
        fake.add("a", "exited", whole.subarray(0, 50), whole.subarray(50));
        const lines: LogLine[] = [];
        for await (const line of containerLines(engine, "a", { since: at(1, 5), until: at(2) })) {
            lines.push(line);
        }
        expect(lines).to.deep.equal([
            { at: at(1, 5), text: "one 地震" },
            { at: at(1, 6), text: "two" },
        ]);
        const second = Date.parse(`${DAY}01Z`) / 1000;
        expect(fake.asked).to.deep.equal([
            `a since=${second}.000000005 until=${second + 1}.000000000 follow=false`,
        ]);
    });

    it("of a container that is gone is empty", async () => {
        expect(await collected(containerLines(engine, "gone"))).to.deep.equal([]);
    });

    it("is cut where a program ends no line, so that memory is bounded", async () => {
        const endless = Array.from({ length: 40 }, (_, index) =>
            frame(1, `${index === 0 ? `${DAY}01.000000000Z ` : ""}${"x".repeat(10_000)}`),
        );
        fake.add("a", "exited", ...endless);
        const all = await collected(containerLines(engine, "a"));
        expect(all.join("")).to.have.length(400_000);
        // A chunk of the connection may come on top.
        expect(Math.max(...all.map((it) => it.length))).to.be.lessThan(65_536 * 2 + 1);
    });

    it("of all tasks, ended ones too, is told in the order of times", async () => {
        fake.add("new", "running", sent(3, "c"), sent(5, "e"));
        fake.add("old", "exited", sent(1, "a"), sent(4, "d"));
        fake.add("older", "exited", sent(2, "b"));
        fake.add("silent", "running");
        const past = pastLines({ engine, labels: [] }, { until: at(9) });
        expect(await collected(past)).to.deep.equal(["a", "b", "c", "d", "e"]);
    });

    it("that nobody reads on is no longer held", async () => {
        let isClosed = false;
        async function* source(): AsyncGenerator<LogLine, void> {
            try {
                for (let second = 1; ; second++) {
                    yield await Promise.resolve({ at: at(second), text: String(second) });
                }
            } finally {
                isClosed = true;
            }
        }
        for await (const { text } of merged([source()])) {
            if (text === "3") {
                break;
            }
        }
        expect(isClosed).to.equal(true);
    });

    it("is followed over a rolling update and a broken connection, each line once", async () => {
        const seen: string[] = [];
        const ending = new AbortController();
        fake.add("old", "running");
        const tasks = { engine, labels: [] };
        const following = followTasks(
            tasks,
            at(1),
            ending.signal,
            ({ text }) => {
                seen.push(text);
                return Promise.resolve();
            },
            5,
        );
        const says = (id: string, second: number, text: string) =>
            eventually(`${text} of ${id}`, () => {
                if (!seen.includes(text) && fake.containers.get(id)!.followers.length > 0) {
                    fake.say(id, sent(second, text));
                }
                return new Promise<boolean>((resolve) => setTimeout(() => resolve(seen.includes(text)), 20));
            });
        await says("old", 2, "before");
        fake.cut("old", "running");
        await says("old", 3, "again");
        fake.add("new", "running");
        await says("new", 4, "beside");
        fake.cut("old", "exited");
        await says("new", 5, "after");
        ending.abort();
        const error = await following.catch((it: Error) => it.name);
        expect(error).to.equal("AbortError");
        expect([...new Set(seen)]).to.deep.equal(["before", "again", "beside", "after"]);
        const second = Date.parse(`${DAY}00Z`) / 1000;
        // Each reading begins after the last line; the ended task is not read again.
        expect(fake.asked).to.deep.equal([
            `old since=${second + 1}.000000000 until=undefined follow=true`,
            `old since=${second + 2}.000000001 until=undefined follow=true`,
            `new since=${second + 1}.000000000 until=undefined follow=true`,
        ]);
    });

    it("fails with the engine's own words where the engine cannot give it", async () => {
        const ending = new AbortController();
        fake.close();
        const follow = followTasks({ engine, labels: [] }, 0n, ending.signal, () => Promise.resolve(), 5);
        expect(await follow.catch((error: Error) => error.message)).to.match(/ENOENT|ECONNREFUSED/);
    });
});
