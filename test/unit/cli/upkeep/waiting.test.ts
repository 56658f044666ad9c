import { expect } from "chai";

import { judgeWaiting, markNotServed, waitingIn, type Challenger } from "../../../../cli/upkeep/waiting";

const SERVING = { version: "9" };
const TAGS = { gate: "passed", recipe_sha256: "r", judged_run: "run" };
const TRIGGER = "alert ModelDrift";

function challenger(tags: Record<string, string> = {}, other: Partial<Challenger> = {}): Challenger {
    return { version: "10", trigger: TRIGGER, tags: new Map(Object.entries({ ...TAGS, ...tags })), ...other };
}

/** A registry with a version that has the alias, and with the tags of runs by their ids. */
function registry(aliased: Challenger | undefined, runs: Record<string, Record<string, string>>) {
    return {
        aliased: (alias: string) => Promise.resolve(alias === "challenger" ? aliased : undefined),
        run: (id: string) => Promise.resolve(runs[id] && { tags: new Map(Object.entries(runs[id])) }),
    };
}

describe("a candidate of retraining", () => {
    for (const gate of ["passed", "warned"]) {
        it(`may serve if the gate says ${gate}`, () => {
            const candidate = challenger({ gate });
            expect(judgeWaiting(candidate, SERVING)).to.deep.equal({ candidate });
        });
    }

    const none: [what: string, Challenger, says: RegExp][] = [
        ["serves already", challenger({}, { version: "9" }), /version 9, which serves, is not older than/],
        [
            "is older, however its number is written",
            challenger({}, { version: "8" }),
            /is not older than version 8/,
        ],
        ["was refused", challenger({ gate: "refused" }), /the gate refused version 10/],
        ["was not judged", challenger({ gate: "none" }), /a deployment trained or judged version 10 last/],
        ["was judged by a deployment, which failed later", challenger({}, { trigger: "" }), /a deployment/],
        [
            "failed before",
            challenger({ not_served: "2026: no" }),
            /waits for a person, .* could not be served: 2026: no/,
        ],
    ];
    for (const [what, candidate, says] of none) {
        it(`may not serve if it ${what}`, () => {
            const waiting = judgeWaiting(candidate, SERVING);
            expect(waiting).to.have.property("none").that.match(says);
        });
    }

    it("may not serve if its source was not committed", () => {
        const { tags, ...rest } = challenger();
        const committed = new Map([...tags].filter(([key]) => key !== "recipe_sha256"));
        expect(judgeWaiting({ ...rest, tags: committed }, SERVING))
            .to.have.property("none")
            .that.match(/its source was not committed/);
    });

    it("is found by its alias, with the trigger of the run that judged it last", async () => {
        const found = registry(challenger({}, { trigger: "not asked" }), {
            run: { trigger: TRIGGER },
            other: { trigger: "another" },
        });
        const waiting = await waitingIn(found, SERVING);
        expect(waiting).to.have.property("candidate").that.includes({ version: "10", trigger: TRIGGER });
    });

    it("does not wait if no version has the alias, or if its run is gone", async () => {
        expect(await waitingIn(registry(undefined, {}), SERVING)).to.deep.equal({
            none: "no candidate waits",
        });
        expect(await waitingIn(registry(challenger(), {}), SERVING)).to.have.property("none");
    });

    it("is not tried again once it was marked", async () => {
        const tags = new Map(Object.entries(TAGS));
        const set = (version: string, key: string, value: string) => {
            expect(version).to.equal("10");
            tags.set(key, value);
            return Promise.resolve();
        };
        await markNotServed({ setVersionTag: set }, challenger(), "its deployment failed");
        expect(judgeWaiting({ ...challenger(), tags }, SERVING))
            .to.have.property("none")
            .that.match(/could not be served: 2\d{3}-\S+Z: its deployment failed$/);
    });
});
