import { expect } from "chai";

import { type Time, waitFor } from "../../../common/time";

describe("waiting", () => {
    let passed = 0;
    const time: Time = {
        now: () => passed,
        sleep: (ms) => {
            passed += ms;
            return Promise.resolve();
        },
    };
    beforeEach(() => (passed = 0));

    /** A thing that appears at a given look. The first look has number 1. */
    function thereAt(look: number): { looks: number; look: () => Promise<string | undefined> } {
        const state = { looks: 0, look: () => Promise.resolve(++state.looks >= look ? "it" : undefined) };
        return state;
    }

    it("ends at the look that finds it", async () => {
        const it = thereAt(3);
        expect(await waitFor(it.look, { ms: 1000, everyMs: 100 }, time)).to.equal("it");
        expect([it.looks, passed]).to.deep.equal([3, 200]);
    });

    it("looks once where there is no time", async () => {
        expect(await waitFor(thereAt(1).look, { ms: 0, everyMs: 100 }, time)).to.equal("it");
    });

    it("ends without it when the time is over, after a last look", async () => {
        const it = thereAt(Infinity);
        expect(await waitFor(it.look, { ms: 1000, everyMs: 400 }, time)).to.equal(undefined);
        expect([it.looks, passed]).to.deep.equal([4, 1200]);
    });

    it("ends with what a look throws", async () => {
        const broken = () => Promise.reject(new Error("gone"));
        const error = await waitFor(broken, { ms: 1000, everyMs: 100 }, time).catch(
            (it: Error) => it.message,
        );
        expect(error).to.equal("gone");
    });
});
