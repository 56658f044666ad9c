import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { at, UNKNOWN } from "../../../policy/declared";
import { SERVICE } from "../../../policy/tasks";
import { container, declared, DIGEST, FACTS, faults, HASH, service } from "../../support/program/policies";
import { temporaryFolder } from "../../support/temporaryFolder";

describe("policies", () => {
    it("have nothing against an ordinary service or container", () => {
        expect(faults(service())).to.deep.equal([]);
        expect(faults(container())).to.deep.equal([]);
    });

    describe("gateway-only", () => {
        const ports = { endpointSpec: { ports: [{ publishedPort: 5432, targetPort: 5432 }] } };
        it("refuses what is published past the gateway, and says what to do", () => {
            expect(faults(service({}, ports))).to.deep.equal([
                "endpointSpec.ports[0]: got 5432; only the gateway is published, and asks for credentials: " +
                    "give it an endpoint for this (index.ts, endpoints)",
            ]);
            const within = ["seismic:platform:Gateway", "seismic:platform:SwarmService"];
            expect(faults({ ...service({}, ports), within })).to.deep.equal([]);
        });
        for (const props of [
            { ports: [{ internal: 80 }] },
            { ports: [{ internal: 80, external: UNKNOWN }] },
            { publishAllPorts: true },
            { networkMode: "host" },
            { networksAdvanced: [{ name: "host" }] },
        ]) {
            it(`refuses a container with ${Object.keys(props)[0]}`, () => {
                expect(faults(container(props))).to.have.length(1);
            });
        }
    });

    describe("pinned-images", () => {
        const IMAGE = "docker:index/remoteImage:RemoteImage";
        for (const [name, good] of [
            [`seismic-mlops/trainer:${HASH}`, true],
            [`ollama/ollama:0.12.6@${DIGEST}`, true],
            [DIGEST, true],
            ["postgres:17", false],
            ["postgres", false],
            ["seismic-mlops/trainer:latest", false],
            ["seismic-mlops/base:trixie", false],
            [`elsewhere/trainer:${HASH}`, false],
            [`elsewhere/seismic-mlops/trainer:${HASH}`, false],
        ] as const) {
            it(`${good ? "takes" : "refuses"} ${name}`, () => {
                const all = [
                    ...faults(declared(IMAGE, { name, build: { context: "." } })),
                    ...faults(service({ image: name })),
                    ...faults(container({ image: name })),
                ];
                expect(all).to.have.length(good ? 0 : 3);
                expect(
                    all.every((fault) => fault.includes(`: got ${name}, which may be another image`)),
                ).to.equal(true);
            });
        }
    });

    describe("no-root", () => {
        for (const user of [undefined, "", "root", "0", "0:0", "root:app", "00"]) {
            it(`refuses the user ${user ?? "that the image has"}`, () => {
                expect(faults(service({ user }))).to.have.length(1);
                expect(faults(container({ user }))).to.have.length(1);
            });
        }
        it("is exempt for nobody", () => {
            const root = service({ user: "root" });
            expect(faults({ ...root, within: ["seismic:platform:RunSummary"] })).to.have.length(1);
        });
    });

    describe("no-engine-socket", () => {
        let folder: string;
        temporaryFolder((made) => (folder = realpathSync(made)));

        for (const source of [
            "/var/run/docker.sock",
            "/run/docker.sock",
            "/run//docker.sock",
            "/home/../var/run",
            "/var/run",
            "/run/",
            "/var",
            "/",
            "/home/me/.docker/run/docker.sock",
            "/run/containerd/containerd.sock",
        ]) {
            it(`refuses ${source}`, () => {
                const mounts = [
                    { type: "volume", source: "v" },
                    { type: "bind", source, readOnly: true },
                ];
                expect(faults(service({ mounts }))).to.have.length(1);
                expect(faults(container({ mounts }))).to.have.length(1);
                expect(
                    faults(
                        container({ volumes: [{ volumeName: "v" }, { hostPath: source, readOnly: true }] }),
                    ),
                ).to.have.length(1);
                const driverOpts = { type: "none", o: "bind", device: source };
                expect(faults(declared("docker:index/volume:Volume", { driverOpts }))).to.have.length(1);
            });
        }

        it("refuses a link that leads there, and takes any other folder", () => {
            mkdirSync(join(folder, "run"));
            symlinkSync(join(folder, "run"), join(folder, "link"));
            const facts = { ...FACTS, sockets: [join(folder, "run", "engine.sock")], followed: realpathSync };
            const mount = (source: string) => service({ mounts: [{ type: "bind", source, readOnly: true }] });
            expect(faults(mount(join(folder, "link")), undefined, facts)).to.have.length(1);
            mkdirSync(join(folder, "run-of-mine"));
            expect(faults(mount(join(folder, "run-of-mine")), undefined, facts)).to.deep.equal([]);
        });
    });

    it("no-privileges refuses privileged containers and added capabilities", () => {
        expect(faults(container({ privileged: true }))).to.have.length(1);
        expect(faults(container({ privileged: false }))).to.deep.equal([]);
        expect(faults(container({ capabilities: { adds: ["SYS_ADMIN"], drops: ["ALL"] } }))).to.have.length(
            1,
        );
        expect(faults(service({ capAdds: ["NET_ADMIN", "SYS_PTRACE"] }))).to.have.length(2);
    });

    it("prod-limits refuses, in prod alone, a task without limits", () => {
        const unlimited = container({ cpus: undefined });
        expect(faults(unlimited)).to.deep.equal([
            "cpus: got nothing; prod limits what each part may take: " +
                "set limits in the stack's configuration, or in components/service/bounds.ts",
        ]);
        const { props, ...rest } = service();
        const bare = { taskSpec: { containerSpec: at(props, "taskSpec", "containerSpec") } };
        expect(faults({ ...rest, props: bare })).to.have.length(2);
        const staging = { ...FACTS, environment: "staging" };
        expect(faults({ ...rest, props: bare }, "prod-limits", staging)).to.deep.equal([]);
    });

    describe("no-plain-secrets", () => {
        for (const [word, good] of [
            ["PASSWORD=hunter2", false],
            ["DB_PASSWORD=hunter2", false],
            ["API_TOKEN=t", false],
            ["AWS_SECRET_ACCESS_KEY=k", false],
            ["dbPassphrase=p", false],
            ["GOOGLE_CREDENTIALS={}", false],
            ["PASSWORD_FILE=hunter2", false],
            ["RUN_TOKEN=t", false],
            ["DATABASE_URL=postgres://u:p@db/x", false],
            ["PASSWORD_FILE=/run/secrets/password", true],
            ["PASSWORD=", true],
            ["PUBLIC_KEY=k", true],
            ["MONKEY=k", true],
            ["MLFLOW_TRACKING_URI=http://mlflow:5000", true],
            ["DATABASE_URL=postgres://u@db:5432/x?passfile=/run/secrets/pgpass", true],
        ] as const) {
            it(`${good ? "takes" : "refuses"} ${word}, wherever it stands`, () => {
                const [name, value] = [word.split("=")[0]!, word.slice(word.indexOf("=") + 1)];
                const all = [
                    faults(service({ env: { [name]: value } })),
                    faults(service({ commands: ["env", "A=1", word, "serve"] })),
                    faults(service({ args: [word] })),
                    faults(container({ envs: [word] })),
                    faults(container({ command: ["sh", "-c", `export ${word}; serve`] })),
                    faults(
                        declared("docker:index/remoteImage:RemoteImage", {
                            build: { buildArgs: { [name]: value } },
                        }),
                    ),
                ];
                expect(all.map((each) => each.length)).to.deep.equal(all.map(() => (good ? 0 : 1)));
                expect(all.flat().join()).not.to.include("hunter2");
            });
        }

        it("refuses options, and configurations, with a secret", () => {
            expect(faults(service({ commands: ["serve", "--api-token", "t"] }))).to.have.length(1);
            expect(faults(service({ commands: ["serve", "--token-file", "/run/secrets/t"] }))).to.deep.equal(
                [],
            );
            expect(
                faults(container({ command: ["sh", "-c", "TOKEN=$(cat /run/secrets/t) serve"] })),
            ).to.deep.equal([]);
            const data = Buffer.from("url: http://u:hunter2@host/").toString("base64");
            expect(faults(declared("docker:index/serviceConfig:ServiceConfig", { data }))).to.deep.equal([
                "http://u:***@: got an address with a password in plain; keep the password in a file of a secret of the engine",
            ]);
        });

        it("takes what a shell fills in for none, and a dollar sign in a variable for one", () => {
            expect(faults(container({ command: ["sh", "-c", "export TOKEN=$OTHER; serve"] }))).to.deep.equal(
                [],
            );
            expect(faults(container({ envs: ["TOKEN=$ecret"] }))).to.have.length(1);
            expect(faults(service({ commands: ["env", "TOKEN=$ecret", "serve"] }))).to.have.length(1);
        });

        it("lets RUN_TOKEN pass where a training run has it", () => {
            const run = container({ envs: ["RUN_TOKEN=t"] });
            expect(faults({ ...run, within: ["seismic:platform:TrainingRun"] })).to.deep.equal([]);
        });
    });

    it("judge what is known when the rest is not yet", () => {
        expect(
            faults(service({ user: UNKNOWN, image: UNKNOWN, commands: UNKNOWN, mounts: [UNKNOWN] })),
        ).to.deep.equal([]);
        expect(
            faults(service({ image: UNKNOWN, user: "root", commands: [UNKNOWN, "TOKEN=t"] })),
        ).to.have.length(2);
        expect(faults(declared(SERVICE, { taskSpec: UNKNOWN }))).to.deep.equal([]);
    });
});
