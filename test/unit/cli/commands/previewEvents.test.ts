import { expect } from "chai";

import { readyEngine } from "../../../support/commands/engine";
import type { CommandProject, Ended, Snapshot } from "../../../support/commands/project";
import { releasedProject } from "../../../support/commands/released";
import { withFakeEngine } from "../../../support/engine/fakeEngine";
import { temporaryFolder } from "../../../support/temporaryFolder";

describe("a command whose preview's events are", function () {
    this.timeout("60s");
    let folder: string;
    temporaryFolder((made) => (folder = made));
    let project: CommandProject;
    let untouched: Snapshot;
    releasedProject((made) => ({ project } = made));
    beforeEach(() => (untouched = project.snapshot()));
    const run = (script: string, ...args: string[]): Promise<Ended> =>
        withFakeEngine(folder, readyEngine(), (host) => project.run(script, args, { DOCKER_HOST: host }));
    const previews = () => project.calls().filter(([command]) => command === "preview");

    /** @param spoil what becomes of the events' lines: a function's body, of `{ lines, previews }` */
    const program = (spoil: string) => `
        const step = (op, name) => ({
            resourcePreEvent: { metadata: { op, type: "t", urn: "urn:pulumi:s::p::t::" + name } },
        });
        return {
            events: [step("same", "serving-service"), step("update", "gateway-service")],
            spoil: (lines, previews) => { ${spoil} },
        };`;
    const NONE = "return [];";

    const spoilt = {
        "cut off before the summary": ["return lines.slice(0, 2);", "their summary did not come"],
        "cut in the middle of the summary": [
            "return [...lines.slice(0, 2), lines[2].slice(0, 50)];",
            "their summary did not come",
        ],
        "cut in the middle of a change": [
            "return lines.map((it) => (it.includes('gateway') ? it.slice(0, 50) : it));",
            "the summary counts 1 to update, the events 0",
        ],
        "without a change": [
            "return lines.filter((it) => !it.includes('gateway'));",
            "the summary counts 1 to update, the events 0",
        ],
    } as const;
    for (const [how, [spoil, said]] of Object.entries(spoilt)) {
        it(`${how}: drift fails, and does not say that nothing differs`, async () => {
            project.program(program(spoil));
            const { code, stdout, stderr } = await run("drift", "--stack", "staging");
            expect(code, stdout).to.equal(1);
            expect(stderr).to.include(
                `Preview of staging: not all of the engine's events were read, 2 times: ${said}.`,
            );
            expect(stdout).to.not.match(/match the configuration|differ/);
            expect(previews()).to.have.length(2);
            expect(project.snapshot()).to.deep.equal(untouched);
        });
    }

    it("whole the second time: drift tells of each change", async () => {
        project.program(program("return previews > 1 ? lines : lines.slice(0, 1);"));
        const { code, stdout, stderr } = await run("drift", "--stack", "staging");
        expect(code, stderr).to.equal(1);
        expect(stdout).to.match(/1 resource differs[^]*gateway-service/);
        expect(previews()).to.have.length(2);
        expect(project.snapshot()).to.deep.equal(untouched);
    });

    it("not read: a review fails and tells why", async () => {
        project.program(program(NONE));
        const { code, stdout } = await run("review", "--stacks", "staging,prod");
        expect(code, stdout).to.equal(1);
        for (const stack of ["staging", "prod"]) {
            expect(stdout).to.include(`Preview of ${stack}: not all of the engine's events were read`);
        }
        expect(stdout).to.include("The preview failed.").and.not.include("No resource would change");
        expect(project.snapshot()).to.deep.equal(untouched);
    });

    it("not read: no new passwords are made", async () => {
        const password = {
            type: "random:index/randomPassword:RandomPassword",
            urn: "urn:pulumi:staging::p::t::gateway-password",
        };
        project.stack("staging", [], { username: "u", password: "p" }, [password]);
        untouched = project.snapshot();
        project.program(program(NONE));
        const { code, stderr } = await run("rotate", "--stack", "staging", "--only", "gateway", "--yes");
        expect(code).to.equal(1);
        expect(stderr).to.match(
            /Stack staging cannot be previewed\. Nothing was changed\.\nPreview of staging: not all/,
        );
        expect(project.calls().map(([command]) => command)).to.not.include("up");
        expect(project.snapshot()).to.deep.equal(untouched);
    });
});
