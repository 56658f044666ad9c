import { createServer, type AddressInfo, type Server } from "node:net";

import { expect } from "chai";
import Docker from "dockerode";

import { listening, listenerOn } from "../../../../engine/listener";
import { facts, lookAtEngine, type EngineInfo } from "../../../../cli/doctor/engine";
import { failed, note, ok, type Finding } from "../../../../cli/doctor/finding";
import { portsFinding } from "../../../../cli/doctor/ports";
import { stateFinding, type StackFacts } from "../../../../cli/doctor/stacks";
import { closedPort } from "../../../support/closedPort";
import { HANGS, withFakeEngine } from "../../../support/engine/fakeEngine";
import { temporaryFolder } from "../../../support/temporaryFolder";

const INFO: EngineInfo = {
    ServerVersion: "28.0.1",
    Driver: "overlay2",
    DockerRootDir: "/var/lib/docker",
    NCPU: 4,
    MemTotal: 8 * 2 ** 30,
    SystemTime: "2026-01-31T16:34:00Z",
    Swarm: { LocalNodeState: "active", ControlAvailable: true, Nodes: 1 },
};
const VERSION = { Version: "28.0.1", ApiVersion: "1.48", Os: "linux" };
/** Long enough for an answer of this machine, short enough for a test. */
const LIMIT_MS = 300;

describe("the doctor finds", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    describe("an engine", () => {
        it("presents itself", async () => {
            const answers = { "/_ping": "OK", "/info": INFO, "/version": VERSION };
            const engine = await withFakeEngine(folder, answers, (host) => lookAtEngine(5_000, host));
            expect(engine).to.deep.include({ info: INFO, api: "1.48", isGood: true });
            expect(engine.aheadMs).to.be.closeTo(Date.parse(INFO.SystemTime) - Date.now(), 5_000);
        });

        for (const [what, answers] of [
            ["takes a request and is silent", { "/_ping": HANGS }],
            ["is silent after its first answer", { "/_ping": "OK", "/info": HANGS, "/version": VERSION }],
        ] as const) {
            it(`that ${what} is not waited for`, async () => {
                const began = Date.now();
                const problem = await withFakeEngine(folder, answers, (host) =>
                    lookAtEngine(LIMIT_MS, host).catch(String),
                );
                expect(problem).to.contain("no answer within 0.3 s");
                expect(Date.now() - began).to.be.below(5_000);
            });
        }

        it("that is not there is said to be so, with the reason and what to do", async () => {
            const port = await closedPort();
            const problem = await lookAtEngine(5_000, `tcp://127.0.0.1:${port}`).catch(String);
            expect(problem).to.match(
                new RegExp(`no engine answers at tcp://127.0.0.1:${port} \\(.*ECONNREFUSED.*\\)\nStart it`),
            );
        });

        const marks = (info: Partial<EngineInfo>, more: { isGood?: boolean; aheadMs?: number } = {}) =>
            facts({
                host: "unix:///var/run/docker.sock",
                info: { ...INFO, ...info },
                api: "1.48",
                isGood: true,
                aheadMs: 0,
                ...more,
            })
                .filter(({ mark }) => mark !== "ok")
                .map(({ mark, what, remedy }) => [mark, what, remedy?.split(" ").slice(0, 3).join(" ")]);

        for (const [what, found, expected] of [
            ["a good engine", marks({}), []],
            [
                "one of another kind, or too old",
                marks({}, { isGood: false }),
                [["FAILED", "engine", "Docker Engine 20.10"]],
            ],
            [
                "one in no swarm",
                marks({ Swarm: { LocalNodeState: "inactive" } }),
                [["FAILED", "swarm", "npm run setup"]],
            ],
            [
                "a worker",
                marks({ Swarm: { LocalNodeState: "active", ControlAvailable: false } }),
                [["FAILED", "swarm", "the engine is"]],
            ],
            ["a slow storage", marks({ Driver: "vfs" }), [["note", "storage", "Have the engine"]]],
            ["a small machine", marks({ NCPU: 1 }), [["note", "size", undefined]]],
            [
                "another time",
                marks({}, { aheadMs: -90_000 }),
                [["note", "clock", "timedatectl set-ntp true,"]],
            ],
        ] as const) {
            it(`finds ${what}`, () => {
                expect(found).to.deep.equal(expected);
            });
        }

        it("keeps the password of its address to itself", () => {
            const [engine] = facts({
                host: "tcp://a:canary@h",
                info: INFO,
                api: "1.48",
                isGood: true,
                aheadMs: 0,
            });
            expect(engine?.found).to.contain("tcp://a:****@h").and.not.contain("canary");
        });
    });

    describe("ports", () => {
        let server: Server;
        let port: number;
        beforeEach(async () => {
            server = createServer();
            await new Promise<void>((listens) => {
                server.listen(0, "0.0.0.0", listens);
            });
            ({ port } = server.address() as AddressInfo);
        });
        afterEach(() => server.close());

        it("are traced to the program that listens", async () => {
            expect(listenerOn(port)).to.match(new RegExp(`, process ${process.pid}$`));
            expect(listenerOn(await closedPort())).to.equal(undefined);
        });

        it("count only where somebody listens, by the kernel's table", () => {
            const row = (local: string, state: string, inode: number) =>
                `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1`;
            const table = [
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
                row("0100007F:1F40", "0A", 11),
                row("0100007F:1F40", "06", 12),
                row("0100007F:1F41", "0A", 13),
                row("00000000000000000000000000000000:1F40", "0A", 14),
                "",
            ].join("\n");
            expect(listening(table, 8000)).to.deep.equal(["socket:[11]", "socket:[14]"]);
        });

        const finding = (own: number[], containers: object[], isWanted = true): Promise<Finding> =>
            withFakeEngine(folder, { "/containers/json": containers }, (host) =>
                portsFinding({
                    plan: { name: "dev", claims: [{ key: "serving.port", port }] },
                    engine: { docker: new Docker({ socketPath: host.replace("unix://", "") }), host },
                    services: own.map((PublishedPort) => ({
                        ID: "1",
                        Endpoint: { Ports: [{ PublishedPort }] },
                    })) as Docker.Service[],
                    isWanted,
                }),
            );

        it("that a program has are named with it, and how to choose others", async () => {
            const found = await finding([], []);
            expect(found).to.include({ mark: "FAILED", what: "dev, ports" });
            expect(found.found).to.match(
                new RegExp(
                    `^serving.port: port ${port} is taken by another program \\(.*, process ${process.pid}\\)`,
                ),
            );
            expect(found.remedy).to.contain("pulumi config set --path serving.port PORT --stack dev");
        });

        it("are told of only, where the stack need not run here", async () => {
            expect((await finding([], [], false)).mark).to.equal("note");
        });

        it("that a container has are named with it", async () => {
            expect((await finding([], [{ Names: ["/web"] }])).found).to.contain("is taken by container web");
        });

        it("are the stack's where its gateway has them, and free where nobody has", async () => {
            expect(await finding([port], [])).to.deep.equal(ok("dev, ports", `${port}: its own gateway's`));
            await new Promise((closed) => server.close(closed));
            expect(await finding([], [])).to.deep.equal(ok("dev, ports", `${port}: free`));
        });
    });

    describe("a stack", () => {
        const served = { commit: "0123456789abcdef", ref: "v1", version: "3", at: "2026-01-31T16:34:00Z" };
        const service = (RunningTasks: number) =>
            ({
                ID: "1",
                Spec: { Name: "gateway" },
                ServiceStatus: { RunningTasks, DesiredTasks: 1 },
            }) as Docker.Service;
        const up: StackFacts = {
            plan: { name: "prod", claims: [], promoteFrom: "staging" },
            stack: { name: "prod" },
            served,
            services: [service(1)],
        };
        const promote = "npm run promote -- --from staging --to prod";
        const serves = "serves 0123456789ab (v1), version 3, since 2026-01-31 16:34:00";
        const refresh = "pulumi up --refresh --stack prod";

        for (const [what, more, expected] of [
            ["serves", {}, ok("prod", `${serves}; its services run`)],
            ["serves on an engine that is not reached", { services: undefined }, ok("prod", serves)],
            [
                "lacks a task",
                { services: [service(1), service(0)] },
                failed("prod", `${serves}; lacking tasks: gateway`, refresh),
            ],
            [
                "is not here",
                { services: [] },
                note("prod", `${serves}; not on this engine, or removed by hand`, refresh),
            ],
            ["is not made", { stack: "none", served: "none" }, note("prod", "not made yet", promote)],
            [
                "released nothing",
                { served: "none", plan: { name: "dev", claims: [] } },
                note("dev", "made, and nothing released in it yet", "npm start -- --stack dev"),
            ],
            [
                "cannot be opened",
                { served: { unread: "incorrect passphrase" } },
                failed(
                    "prod",
                    "its outputs were not read: incorrect passphrase",
                    "npm run -s pulumi -- stack output --stack prod",
                ),
            ],
            [
                "cannot be asked for",
                { stack: undefined, served: "none" },
                note("prod", "not known: the backend was not asked, or did not answer"),
            ],
        ] as const) {
            it(`that ${what}`, () => {
                expect(stateFinding({ ...up, ...more })).to.deep.equal(expected);
            });
        }
    });
});
