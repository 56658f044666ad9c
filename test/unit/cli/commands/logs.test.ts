import { expect } from "chai";

import { CommandProject } from "../../../support/commands/project";
import { withFakeEngine } from "../../../support/engine/fakeEngine";
import { temporaryFolder } from "../../../support/temporaryFolder";

describe("the command logs", function () {
    this.timeout("60s");
    let project: CommandProject;
    let folder: string;
    temporaryFolder((made) => (folder = made));
    before(() => {
        project = new CommandProject();
        project.stack("staging", []);
    });
    after(() => project.remove());

    const service = (stack: string, role: string) => ({
        Spec: {
            Name: `seismic-mlops-${stack}-${role}`,
            Labels: { "seismic.stack": stack, "seismic.role": role },
        },
    });
    const logs = (services: object[], ...args: string[]) => {
        const answers = {
            ...{ "/services": services, "/info": { SystemTime: "2026-01-31T16:34:00Z" } },
            "/containers/json": [],
        };
        return withFakeEngine(folder, answers, (host) =>
            project.run("logs", ["--stack", "staging", ...args], { DOCKER_HOST: host }),
        );
    };

    it("is refused for options that need the access log, and for values that are none", async () => {
        const cases: [args: string[], says: RegExp][] = [
            [
                ["--service", "serving", "--user", "ci"],
                /--user: needs the access log, and --service is serving/,
            ],
            [["--service", "serving", "--status", "404"], /--status: needs the access log/],
            [["--service", "serving", "--json"], /--json: needs the access log/],
            [["--status", "6xx"], /--status: got 6xx; give a status such as 404, or 5xx/],
            [["--last", "yesterday"], /--last: got yesterday; give a duration such as 30s/],
        ];
        const all = await project.mains(
            cases.map(([args]) => ({ script: "logs", args: ["--stack", "staging", ...args] })),
        );
        for (const [at, { code, stdout, stderr }] of all.entries()) {
            expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
            expect(stderr).to.match(cases[at]![1]);
        }
    });

    it("names the stack's services when there is none of this name", async () => {
        const services = [
            service("staging", "serving"),
            service("staging", "access"),
            service("dev", "other"),
        ];
        const { code, stderr } = await logs(services, "--service", "other");
        expect(code).to.equal(1);
        expect(stderr).to.include(
            "--service: got other, which stack staging does not have; it has access, serving.",
        );
    });

    it("says that a stack is not on this engine", async () => {
        const { code, stderr } = await logs([]);
        expect(code).to.equal(1);
        expect(stderr).to.match(
            /none of its services runs on this engine\. To bring it up: pulumi up --stack staging/,
        );
    });

    it("prints nothing, and ends well, when nobody asked for anything", async () => {
        const ended = await logs([service("staging", "access")]);
        expect(ended).to.deep.equal({ code: 0, stdout: "", stderr: "" });
    });
});
