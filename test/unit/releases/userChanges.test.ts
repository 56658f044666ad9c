import { expect } from "chai";

import { changedUsers, userChangesIn, USERS_TAG, userTag } from "../../../releases/userChanges";
import { RELEASE_TAG } from "../../../contract/names";

const users = (roles: Record<string, string>, passwords: Record<string, string> = {}) => ({
    roles,
    passwords: { seismic: "canary-s", ...passwords },
});

describe("the changes of users between two updates", () => {
    for (const [what, before, after, expected] of [
        ["none", users({ ci: "caller" }, { ci: "a" }), users({ ci: "caller" }, { ci: "a" }), []],
        ["one comes", users({}), users({ ci: "caller" }, { ci: "a" }), ["added ci (caller)"]],
        ["one goes", users({ ci: "caller" }, { ci: "a" }), users({}), ["removed ci (caller)"]],
        [
            "a role changes",
            users({ ci: "caller" }, { ci: "a" }),
            users({ ci: "viewer" }, { ci: "a" }),
            ["ci is viewer now, and was caller"],
        ],
        [
            "a password changes",
            users({ ci: "caller" }, { ci: "canary-old" }),
            users({ ci: "caller" }, { ci: "canary-new" }),
            ["new password for ci"],
        ],
        [
            "the owner's password changes and one comes",
            users({}),
            users({ b: "admin", a: "caller" }, { seismic: "canary-t", a: "x", b: "y" }),
            ["added a (caller)", "added b (admin)", "new password for seismic"],
        ],
        ["the stack knew no users", undefined, users({ ci: "caller" }, { ci: "a" }), ["added ci (caller)"]],
        ["the stack is new", undefined, users({}), []],
    ] as const) {
        it(`are told, and no password: ${what}`, () => {
            const said = changedUsers(before, after);
            expect(said).to.deep.equal(expected);
            expect(said.join()).not.to.include("canary");
        });
    }

    it("fit into a tag, however many they are", () => {
        const names = Array.from({ length: 500 }, (_, at) => `user${at}`.padEnd(32, "-"));
        const after = users(Object.fromEntries(names.map((name) => [name, "operator"])));
        const what = changedUsers(undefined, after);
        expect(what.at(-1)).to.equal("and 450 more");
        const [, value] = userTag({ at: "2026-01-01T00:00:00.000Z", by: "ann", what, tasks: "0".repeat(18) });
        expect(value.length).to.be.lessThan(5000);
    });
});

describe("the tags of users", () => {
    it("are read as they are written, newest first, among other tags", () => {
        const [first, second] = ["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"].map((at) => ({
            ...{ at, by: "ann", what: ["added ci (caller)"], tasks: "t" },
        }));
        const tags = new Map([userTag(first!), ["retraining_x", "{"], userTag(second!)]);
        expect(userChangesIn(tags)).to.deep.equal([second, first]);
    });

    it("are apart from those of releases, which the status page shows", () => {
        expect(USERS_TAG.startsWith(RELEASE_TAG) || RELEASE_TAG.startsWith(USERS_TAG)).to.equal(false);
    });
});
