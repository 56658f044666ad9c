import { expect } from "chai";

import {
    additions,
    refuseToRotate,
    removals,
    userAction,
    userRows,
    type Users,
} from "../../../../cli/upkeep/users";

const NOBODY: Users = { configured: {}, running: {}, given: [] };
const SOME: Users = {
    configured: { ci: "caller", ops: "operator", next: "viewer", up: "admin" },
    running: { ci: "caller", ops: "operator", gone: "viewer", up: "viewer" },
    given: ["ops"],
};

describe("the words of the command user", () => {
    it("name an action, a user and a role", () => {
        expect(userAction(["list"], undefined)).to.deep.equal({ kind: "list" });
        expect(userAction(["add", "ci"], "caller")).to.deep.equal({
            kind: "add",
            name: "ci",
            role: "caller",
        });
        expect(userAction(["remove", "ci"], undefined)).to.deep.equal({ kind: "remove", name: "ci" });
        expect(userAction(["rotate", "ci"], undefined)).to.deep.equal({ kind: "rotate", name: "ci" });
    });
});

describe("a user", () => {
    it("is added to the stack's file", () => {
        expect(additions(NOBODY, "ci", "caller")).to.deep.equal([
            { key: "access.users.ci", value: "caller" },
        ]);
    });

    it("who is in the file and not yet in the gateway needs no change of the file", () => {
        expect(additions(SOME, "next", "viewer")).to.deep.equal([]);
        expect(additions(SOME, "up", "admin")).to.deep.equal([]);
    });

    for (const [name, role, says] of [
        ["seismic", "caller", /^access\.users\.seismic: needs another name: seismic is the admin whom every/],
        ["Bad Name", "caller", /^access\.users\.Bad Name: needs a user's name of lower-case letters/],
        [
            "secure",
            "caller",
            /^access\.users\.secure: Pulumi takes a value of this name for an encrypted one/,
        ],
        ["ci", "caller", /^access\.users\.ci: this name is taken, by a user with the role caller already/],
        [
            "ci",
            "admin",
            /^access\.users\.ci: this name is taken, by a user with the role caller\. Choose another/,
        ],
    ] as const) {
        it(`${name} as ${role} is refused, with nothing changed`, () => {
            expect(() => additions(SOME, name, role))
                .to.throw(says)
                .with.property("message")
                .match(/Nothing was changed\.$/);
        });
    }

    it("is removed with a given password", () => {
        expect(removals(SOME, "ci")).to.deep.equal([{ key: "access.users.ci", value: undefined }]);
        expect(removals(SOME, "ops")).to.deep.equal([
            { key: "access.users.ops", value: undefined },
            { key: "userPasswords.ops", value: undefined },
        ]);
        expect(removals(SOME, "gone")).to.deep.equal([]);
    });

    it("whom the stack does not have cannot be removed, and its owner neither", () => {
        expect(() => removals(SOME, "bob")).to.throw(
            "bob: the stack has no such user; it has ci, next, ops, up.",
        );
        expect(() => removals(NOBODY, "bob")).to.throw(
            "bob: the stack has no such user; it has only seismic.",
        );
        expect(() => removals(SOME, "seismic")).to.throw(
            /the admin whom every stack has, and cannot be removed/,
        );
    });

    it("gets a new password from who made it", () => {
        refuseToRotate(SOME, "ci", "prod");
        refuseToRotate(SOME, "seismic", "prod");
        expect(() => refuseToRotate(SOME, "ops", "prod")).to.throw(
            /^userPasswords\.ops: .*pulumi config set --secret --path userPasswords\.ops --stack prod, then pulumi up/,
        );
        expect(() => refuseToRotate(SOME, "next", "prod")).to.throw(/does not know this user yet/);
        expect(() => refuseToRotate(SOME, "bob", "prod")).to.throw(
            /no such user; it has ci, gone, ops, seismic, up/,
        );
    });

    it("is listed with the role, where the password is from, and what is still to come", () => {
        expect(userRows(SOME)).to.deep.equal([
            ["user", "role", "password", ""],
            ["seismic", "admin", "made by the stack", ""],
            ["ci", "caller", "made by the stack", ""],
            ["gone", "viewer", "made by the stack", "goes with the next pulumi up"],
            ["next", "viewer", "made by the stack", "comes with the next pulumi up"],
            ["ops", "operator", "given: userPasswords.ops", ""],
            ["up", "admin", "made by the stack", "is viewer until the next pulumi up"],
        ]);
    });
});
