import { expect } from "chai";

import { SOCKET } from "../../../../components/gateway/proxy";
import { eventually } from "../../../support/expectations";
import { AccessTask, STOPPED_CODE } from "../../../support/gateway/accessTask";

/** The sum of these lines is more than the pipe of the log and the engine's pipe take. */
const FLOOD = 6000;

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

/** images/gateway/access.sh with lines.py: what a fault of the log does to the gateway. */
describe("the log of the task `access`", function () {
    this.timeout("30s");
    let task: AccessTask;
    beforeEach(async () => {
        task = await AccessTask.start();
    });
    afterEach(() => task.remove());

    it("is written to its last line before the task ends, with HAProxy's exit code", async () => {
        await task.write(1000);
        expect(await task.stop()).to.equal(STOPPED_CODE);
        expect(await task.lines(1002)).to.deep.equal(upTo(1002));
        expect(task.calls()).to.deep.equal([
            `socat UNIX-CONNECT:${SOCKET}: disable frontend ready`,
            "sleep 2",
            "haproxy stops",
        ]);
        expect(task.temporary()).to.deep.equal([]);
    });

    it("loses nothing when lines.py dies, neither what it was passing on nor what HAProxy writes then", async () => {
        task.signalEngine("SIGSTOP");
        const written: number[] = [];
        let refusals = 0;
        // A rest of the program is shorter than the time between two looks. After it, the program waits for the engine.
        await eventually("both pipes to be full", async () => {
            const more = (await task.write(FLOOD)).written;
            written.push(...more);
            refusals = more.length === 0 ? refusals + 1 : 0;
            return refusals === 2;
        });
        await task.killProgram();
        task.signalEngine("SIGCONT");
        expect(await task.lines(1 + written.length)).to.deep.equal([1, ...written]);

        await task.killProgram();
        const { written: last, broken } = await task.write(10);
        expect([last.length, broken.length]).to.deep.equal([10, 0]);
        const all = [1, ...written, ...last];
        expect(await task.lines(all.length)).to.deep.equal(all);
        expect(task.programs()).to.have.length(3);
        expect(task.stderr()).to.include("lines.py ended before HAProxy; it starts again\n");
        expect(task.calls()).to.deep.equal(["sleep 0.2", "sleep 0.2"]);
    });

    it("never lets HAProxy wait when the engine reads no more: it drops what has no room, and goes on", async () => {
        task.signalEngine("SIGSTOP");
        const { written, dropped, broken } = await task.write(FLOOD);
        expect(broken).to.deep.equal([]);
        expect(dropped).not.to.deep.equal([]);
        // Half of the pipe, at least: the bytes of a line are more than 300.
        expect(written.length * 300).to.be.above(512 * 1024);
        task.signalEngine("SIGCONT");
        expect(await task.lines(1 + written.length)).to.deep.equal([1, ...written]);
        expect((await task.write(10)).dropped).to.deep.equal([]);
    });

    it("has HAProxy count each line that is lost once the engine has closed its end, and go on", async () => {
        await task.endEngine();
        await task.write(1);
        await eventually("a third program", () => Promise.resolve(task.programs().length > 2));
        const { written, dropped, broken } = await task.write(FLOOD);
        expect(broken).to.deep.equal([]);
        expect(dropped).not.to.deep.equal([]);
        expect((await task.write(10)).dropped).to.have.length(10);
        // The lines stay in the pipe, so they are neither lost silently nor make room.
        expect(written.length * 300).to.be.below(1024 * 1024);
        expect(await task.stop()).to.equal(STOPPED_CODE);
    });
});
