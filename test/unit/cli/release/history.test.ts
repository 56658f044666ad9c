import { expect } from "chai";

import { historyRows, servingChangesIn } from "../../../../cli/release/changes";
import { askSilences, type Silence } from "../../../../cli/release/silences";
import { RELEASE_TAG } from "../../../../contract/names";
import { type InsideHttp, NoAnswer } from "../../../../engine/streams/insideHttp";
import { userChangesIn, userTag } from "../../../../releases/userChanges";

const A = { version: "1", commit: "a".repeat(40) };
const B = { version: "2", commit: "b".repeat(40) };

/** A silence in Alertmanager's answer. */
const SILENCE = {
    id: "b6a9e0d3-cf7b-4a4f-8a2c-9a4b4a2d1c11",
    status: { state: "expired" },
    ...{ createdBy: "ops", comment: "known \u001b[2J", updatedAt: "2026-01-02T10:00:00.000Z" },
    ...{ startsAt: "2026-01-02T09:00:00.000Z", endsAt: "2026-01-02T10:00:00.000Z" },
    matchers: [
        { name: "alertname", value: "ModelDrift", isRegex: false, isEqual: true },
        { name: "stage", value: "a|b", isRegex: true, isEqual: false },
    ],
};

describe("a history", () => {
    const tags = new Map([
        [`${RELEASE_TAG}2026-01-01T00:00:00.000Z`, JSON.stringify({ by: "ann", why: "first", to: A })],
        [
            `${RELEASE_TAG}2026-01-03T00:00:00.000Z`,
            JSON.stringify({ by: "bob", why: "better", from: A, to: B }),
        ],
        userTag({ at: "2026-01-02T12:00:00.000Z", by: "ann", what: ["added ci (caller)"], tasks: "t" }),
    ]);

    it("has releases, users and silences in the order of their times", () => {
        const { status, createdBy, comment, startsAt, endsAt, matchers } = SILENCE;
        const silence: Silence = { status, createdBy, comment, startsAt, endsAt, matchers };
        const rows = historyRows(servingChangesIn(tags), userChangesIn(tags), [silence]);
        const [a, b] = ["aaaaaaaaaaaa version 1", "bbbbbbbbbbbb version 2"];
        expect(rows).to.deep.equal([
            ["2026-01-03 00:00:00", "bob", a, b, "better"],
            ["2026-01-02 12:00:00", "ann", "-", "-", "users: added ci (caller)"],
            [
                ...["2026-01-02 09:00:00", "ops", "-", "-"],
                "silence (expired) until 2026-01-02 10:00:00 of alertname=ModelDrift, stage!~a|b: known \\u{1b}[2J",
            ],
            ["2026-01-01 00:00:00", "ann", "-", a, "first"],
        ]);
    });
});

describe("the silences", () => {
    const asked = (answer: () => Promise<{ status: number; body: string }>) =>
        askSilences({ request: answer } as unknown as InsideHttp);

    it("are those of Alertmanager's answer", async () => {
        const body = JSON.stringify([
            SILENCE,
            { ...SILENCE, matchers: [{ name: "a", value: "b", isRegex: false }] },
        ]);
        const found = await asked(() => Promise.resolve({ status: 200, body }));
        expect(found).to.have.property("known").with.length(2);
    });

    for (const [what, answer, says] of [
        [
            "does not answer",
            () => Promise.reject(new NoAnswer("curl: (7) refused")),
            /not answer \(curl: \(7\)/,
        ],
        ["fails", () => Promise.resolve({ status: 500, body: "no" }), /answers 500: no/],
        ["answers something else", () => Promise.resolve({ status: 200, body: "{}" }), /answers 200: \{\}/],
    ] as const) {
        it(`are not known when Alertmanager ${what}, which is said`, async () => {
            expect(await asked(answer))
                .to.have.property("unknown")
                .match(says);
        });
    }
});
