import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { CommandProject, type Snapshot } from "../../../support/commands/project";
import { PASSWORD_TYPE } from "../../../../cli/upkeep/rotating";

const FILE = "Pulumi.staging.yaml";
const OUTPUTS = {
    ...{ username: "seismic", password: "canary-s" },
    users: { ops: "operator", robot: "viewer" },
    passwords: { seismic: "canary-s", ops: "canary-o", robot: "canary-r" },
};
const USERS = `  seismic-mlops:access:
    users:
      # The people on call.
      ops: operator
      robot: viewer
  seismic-mlops:userPasswords:
    robot: canary-given-password
`;

describe("the command user", function () {
    this.timeout("60s");
    let project: CommandProject;
    let untouched: Snapshot;
    let original: string;
    before(() => {
        project = new CommandProject();
        original = project.read(FILE);
    });
    after(() => project.remove());
    beforeEach(() => {
        const of = (name: string) => ({
            type: PASSWORD_TYPE,
            urn: `urn:pulumi:staging::p::${PASSWORD_TYPE}::${name}`,
        });
        const resources = ["gateway-password", "gateway-password-ops"].map(of);
        project.stack("staging", [], OUTPUTS, resources);
        const text = original.replace(/^config:\n/m, `config:\n${USERS}`);
        writeFileSync(join(project.folder, FILE), text);
        project.program({});
        project.calls();
        untouched = project.snapshot();
    });
    const user = (...args: string[]) => project.run("user", [...args, "--stack", "staging"]);
    const unchanged = () => expect(project.snapshot()).to.deep.equal(untouched);
    const isSaidTo = (ended: { stdout: string; stderr: string }) =>
        expect(ended.stdout + ended.stderr, "a password").not.to.include("canary");

    it("lists users, roles and where passwords are from, and no password", async () => {
        const ended = await user("list");
        expect(ended.code, ended.stderr).to.equal(0);
        expect(ended.stdout).to.match(/seismic +admin +made by the stack\n/);
        expect(ended.stdout).to.match(/ops +operator +made by the stack\n/);
        expect(ended.stdout).to.match(/robot +viewer +given: userPasswords\.robot\n/);
        isSaidTo(ended);
        unchanged();
    });

    it("adds to the stack's file for review, and to nothing else", async () => {
        const { code, stdout } = await user("add", "ci", "--role", "caller");
        expect(code).to.equal(0);
        expect(stdout).to.match(
            /is changed:\n {2}access\.users\.ci: nothing -> caller\n[^]*pulumi up --stack staging/,
        );
        const { files, states } = project.snapshot();
        expect(states).to.equal(untouched.states);
        expect(files.staging).to.equal(
            untouched.files.staging!.replace(
                "      robot: viewer\n",
                "      robot: viewer\n      ci: caller\n",
            ),
        );
        const again = await user("add", "ci", "--role", "caller");
        expect(again.stdout).to.include(`${FILE} says so already.`);
    });

    it("removes from the stack's file, with the given password", async () => {
        const ended = await user("remove", "robot");
        expect(ended.code, ended.stderr).to.equal(0);
        isSaidTo(ended);
        const [, kept] = /^([^]*)  seismic-mlops:userPasswords/m.exec(USERS)!;
        expect(project.snapshot().files.staging).to.equal(
            untouched.files.staging!.replace(USERS, kept!.replace("      robot: viewer\n", "")),
        );
    });

    for (const args of [
        ["add", "ci", "--role", "caller", "--dry-run"],
        ["remove", "ops", "--dry-run"],
        ["rotate", "ops", "--dry-run"],
        ["rotate", "ops"],
    ]) {
        it(`${args.join(" ")} changes nothing`, async () => {
            const { code, stdout } = await user(...args);
            expect(code).to.equal(0);
            expect(stdout).to.include("Nothing was changed.");
            unchanged();
        });
    }

    for (const [args, says] of [
        [["add", "seismic", "--role", "admin"], /seismic is the admin whom every stack has/],
        [["add", "ops", "--role", "caller"], /this name is taken, by a user with the role operator/],
        [["add", "ops", "--role", "operator"], /this name is taken/],
        [["remove", "bob"], /bob: the stack has no such user; it has ops, robot/],
        [["remove", "seismic"], /cannot be removed/],
        [["rotate", "bob"], /bob: the stack has no such user/],
        [["rotate", "robot"], /this password is given, not made by the stack. Set another/],
    ] as const) {
        it(`refuses ${args.join(" ")}, also with --yes, and changes nothing`, async () => {
            const all = await project.mains(
                [[], ["--yes"]].map((more) => ({
                    script: "user",
                    args: [...args, ...more, "--stack", "staging"],
                })),
            );
            for (const ended of all) {
                expect(ended.code).to.equal(1);
                expect(ended.stderr).to.match(says).and.include("Nothing was changed.");
                isSaidTo(ended);
            }
            expect(project.calls().map(([first]) => first)).to.not.include.members(["up", "preview"]);
            unchanged();
        });
    }

    it("is refused for words that it does not know, before anything", async () => {
        const cases: [args: string[], says: RegExp][] = [
            [[], /The action is missing; give list, add NAME --role ROLE/],
            [["stray"], /got stray, which is no action/],
            [["list", "stray"], /got stray after list/],
            [["add", "ci"], /--role: missing; choose caller, viewer, operator, admin/],
            [["add", "ci", "--role", "boss"], /--role: got boss, which is no role/],
            [["remove", "ci", "--role", "caller"], /--role: got caller; only add takes a role/],
            [["remove"], /the user's name is missing; give one name: remove NAME/],
            [["rotate", "a", "b"], /got b after the name/],
        ];
        const all = await project.mains(
            cases.map(([args]) => ({ script: "user", args: [...args, "--stack", "staging"] })),
        );
        for (const [at, { code, stdout, stderr }] of all.entries()) {
            expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
            expect(stderr).to.match(cases[at]![1]).and.include("Nothing was changed.");
        }
        unchanged();
    });

    it("--yes is refused while an update would change more, before the file is changed", async () => {
        const event = (op: string, type: string, name: string) => ({
            resourcePreEvent: { metadata: { op, type, urn: `urn:pulumi:staging::p::${type}::${name}` } },
        });
        project.program({
            events: [
                event("create", PASSWORD_TYPE, "gateway-password-ci"),
                event("update", "docker:index/service:Service", "serving-service"),
            ],
        });
        const { code, stderr } = await user("add", "ci", "--role", "caller", "--yes");
        expect(code).to.equal(1);
        expect(stderr).to.match(
            /would change more than the users:\n {2}update serving-service\nBring it up first: .* Nothing was changed\./,
        );
        expect(project.calls().map(([first]) => first))
            .to.include("preview")
            .and.not.include("up");
        unchanged();
    });
});
