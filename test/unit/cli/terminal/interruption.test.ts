import { expect } from "chai";

import { interruptible } from "../../../../cli/terminal/interruption";

describe("what is interrupted", () => {
    it("ends its work in order, with the exit code of an interruption", async () => {
        let undone = false;
        const code = await interruptible("(a test interrupts itself)", (signal) => {
            // npm also passes on the signal that its child already got from the terminal.
            process.emit("SIGINT");
            process.emit("SIGINT");
            undone = signal.aborted;
            return Promise.reject(signal.reason as Error);
        });
        expect([code, undone, process.listenerCount("SIGTERM")]).to.deep.equal([130, true, 0]);
    });

    it("says what went wrong when that was something else", async () => {
        const failing = interruptible("", () => Promise.reject(new Error("no room")));
        const said = failing.catch((error: Error) => error.message);
        expect(await said).to.equal("no room");
    });
});
