import { execFile } from "node:child_process";
import { createServer } from "node:net";

import { expect } from "chai";
import Docker from "dockerode";
import { parse, stringify } from "yaml";

import { ownLabels, stackPrefix } from "../../components/stack/deployment";
import type { Finding, Section } from "../../cli/doctor/finding";
import { BASE_IMAGE } from "../../cli/setup/baseImage";
import { ranScript } from "../support/ran";
import { freePort } from "../support/freePort";
import { renameByTheGuide } from "../support/stack/otherProject";
import { TestProject } from "../support/stack/project";

const FILE = "Pulumi.dev.yaml";
/** Other suites make the machine busy meanwhile. */
const PATIENCE = ["--within", "60"];

interface Ended {
    code: number;
    stdout: string;
    /** Both streams. */
    output: string;
}

interface Seen {
    code: number;
    /** By section and subject: "Docker engine: swarm". */
    findings: Map<string, Finding>;
    output: string;
}

describe("npm run doctor", () => {
    let project: TestProject;
    let port: number;
    before(async () => {
        project = new TestProject();
        // The user may have a dev stack of this project, so give the copy another name.
        renameByTheGuide(project);
        port = await freePort();
        const file = parse(project.read(FILE)) as { config: Record<string, unknown> };
        const config = {
            ...file.config,
            [`${project.pulumiName}:mlflow`]: { port: await freePort() },
            [`${project.pulumiName}:serving`]: { port },
        };
        project.write(FILE, stringify({ ...file, config }));
    });
    after(() => project.remove());

    const started = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
        new Promise((resolve) => {
            const command = ["--require", "./runtime/strip.cjs", "cli/mlops.ts", "doctor", ...args];
            const options = { cwd: project.folder, env: { ...process.env, ...env } };
            execFile(process.execPath, command, options, (error, stdout, stderr) => {
                const code = typeof error?.code === "number" ? error.code : 0;
                resolve({ code, stdout, output: stdout + stderr });
            });
        });
    const doctor = async (args: string[] = PATIENCE, env: NodeJS.ProcessEnv = {}): Promise<Seen> => {
        const { code, stdout, output } = await started(["--json", ...args], env);
        const { sections } = JSON.parse(stdout) as { sections: Section[] };
        const all = sections.flatMap(({ title, findings }) =>
            findings.map((finding): [string, Finding] => [`${title}: ${finding.what}`, finding]),
        );
        return { code, findings: new Map(all), output };
    };

    it("finds nothing wrong on a machine that was set up, and changes nothing", async () => {
        const earlier = project.status();
        const { code, findings, output } = await doctor();
        expect(code, output).to.equal(0);
        for (const what of [
            "Pulumi: CLI",
            "Pulumi: plugins",
            "Pulumi: backend",
            "Docker engine: engine",
            "Docker engine: swarm",
            "Docker engine: base image",
            "Git: commit",
            "Stacks: dev, ports",
        ]) {
            expect(findings.get(what)?.mark, `${what}\n${output}`).to.equal("ok");
        }
        expect(findings.get("Stacks: dev, ports")?.found).to.match(new RegExp(`${port}: free$`));
        expect(findings.get("Stacks: dev")).to.include({ found: "not made yet", mark: "note" });
        expect(project.status()).to.equal(earlier);
    });

    it("tells a person the same, and changes nothing", async () => {
        const earlier = project.status();
        const { code, output } = await started(PATIENCE);
        expect(code, output).to.equal(0);
        expect(output)
            .to.match(/^Docker engine$/m)
            .and.match(/^\d+ ok,.* 0 FAILED$/m);
        expect(project.status()).to.equal(earlier);
        // A test only adds more time.
        ranScript("doctor");
    });

    it("names who has a port of dev, and how to choose another", async () => {
        const server = createServer();
        await new Promise<void>((listens) => {
            server.listen(port, "0.0.0.0", listens);
        });
        try {
            const { code, findings, output } = await doctor();
            expect(code, output).to.equal(1);
            const { mark, found, remedy } = findings.get("Stacks: dev, ports")!;
            expect(mark).to.equal("FAILED");
            expect(found).to.match(new RegExp(`^serving.port: port ${port} .* process ${process.pid}\\)$`));
            expect(remedy).to.contain("pulumi config set --path serving.port PORT --stack dev");
        } finally {
            await new Promise((closed) => server.close(closed));
        }
    });

    it("knows the ports of a stack that its own service has", async () => {
        const claimed = { mlflow: await freePort(), serving: await freePort() };
        const config = Object.fromEntries(
            Object.entries(claimed).map(([key, its]) => [`${project.pulumiName}:${key}`, { port: its }]),
        );
        project.edit(
            `Pulumi.${project.name}.yaml`,
            stringify({ config: { [`${project.pulumiName}:environment`]: "dev", ...config } }),
        );
        const docker = new Docker();
        const owner = { project: project.pulumiName, stack: project.name };
        const service = await docker.createService({
            Name: `${stackPrefix(owner)}-gateway`,
            Labels: ownLabels(owner, "gateway"),
            TaskTemplate: { ContainerSpec: { Image: BASE_IMAGE, Command: ["sleep", "infinity"] } },
            EndpointSpec: {
                Mode: "dnsrr",
                Ports: Object.values(claimed).map((its) => ({
                    PublishedPort: its,
                    TargetPort: its,
                    PublishMode: "host",
                })),
            },
        });
        try {
            const { findings, output } = await doctor();
            expect(findings.get(`Stacks: ${project.name}, ports`), output).to.include({
                mark: "ok",
                found: `${claimed.mlflow}, ${claimed.serving}: its own gateway's`,
            });
        } finally {
            await service.remove();
        }
    });

    it("says of an engine that does not answer what to do, and looks at the rest all the same", async () => {
        const host = `tcp://127.0.0.1:${await freePort()}`;
        const { code, findings, output } = await doctor(PATIENCE, { DOCKER_HOST: host });
        expect(code, output).to.equal(1);
        const { mark, found, remedy } = findings.get("Docker engine: engine")!;
        expect(mark).to.equal("FAILED");
        expect(found).to.match(new RegExp(`no engine answers at ${host} \\(.*ECONNREFUSED`));
        expect(remedy).to.equal("Start it, correct DOCKER_HOST, or unset it.");
        expect(findings.get("Pulumi: backend")?.mark, output).to.equal("ok");
    });

    it("waits no longer than it says for an engine that is silent", async () => {
        // It reads requests, and answers nothing.
        const server = createServer((connection) => connection.resume());
        await new Promise<void>((listens) => {
            server.listen(0, "127.0.0.1", listens);
        });
        const { port: silent } = server.address() as { port: number };
        const SECONDS = 8;
        const began = Date.now();
        try {
            const host = `tcp://127.0.0.1:${silent}`;
            const { code, findings } = await doctor(["--within", String(SECONDS)], { DOCKER_HOST: host });
            expect(code).to.equal(1);
            expect(findings.get("Docker engine: engine")?.found).to.match(/no answer within [\d.]+ s/);
            expect((Date.now() - began) / 1000).to.be.below(SECONDS + 1);
        } finally {
            await new Promise((closed) => server.close(closed));
        }
    });

    it("tells of what is not set up yet, and of the command that sets it up", async () => {
        const empty = { XDG_CACHE_HOME: `${project.folder}/none`, XDG_DATA_HOME: `${project.folder}/none` };
        const { code, findings, output } = await doctor(PATIENCE, empty);
        expect(code, output).to.equal(1);
        expect(findings.get("Pulumi: CLI")).to.include({ mark: "FAILED", remedy: "npm run setup" });
        expect(output).to.not.match(/ at .*\.ts:\d+/);
    });
});
