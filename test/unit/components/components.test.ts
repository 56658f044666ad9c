import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";

import { parseConfig } from "../../../config/parse";
import { onlyServing } from "../../support/gateway/inside";
import { deployment, only, recorded, recordResources, value } from "../../support/program/recording";

describe("components", () => {
    recordResources();

    describe("SwarmService", () => {
        const make = async ({ role = "web", ...more }: { role?: string; [name: string]: unknown } = {}) => {
            const { SwarmService } = await import("../../../components/service/swarmService");
            const service = new SwarmService("web", {
                deployment,
                role,
                network: "net-id",
                image: "repo/web:1",
                user: "web",
                command: ["serve"],
                replicas: 2,
                healthcheck: { test: ["true"], startSeconds: 60 },
                order: "start-first",
                ...more,
            });
            await value(service.urn);
            expect(await value(service.healthy)).to.equal(`seismic-mlops-dev-${role}`);
            return only("docker:index/service:Service");
        };

        it("is updated without a gap and rolled back when a new task does not stay up", async () => {
            const inputs = await make();
            expect(inputs.name).to.equal("seismic-mlops-dev-web");
            expect(inputs.mode).to.deep.equal({ replicated: { replicas: 2 } });
            expect(inputs.updateConfig).to.deep.equal({
                parallelism: 1,
                delay: "0s",
                order: "start-first",
                failureAction: "rollback",
                // The new task has spent the rest of the monitor period beside the old task.
                monitor: "5s",
                maxFailureRatio: "0.0",
            });
            expect(inputs.endpointSpec).to.deep.equal({ mode: "dnsrr", ports: [] });
        });

        it("is updated and rolled back in groups of a third where new tasks run beside the old ones", async () => {
            const groups = async (order: string) => {
                recorded.length = 0;
                const inputs = await make({ order, replicas: 10 });
                return [inputs.updateConfig, inputs.rollbackConfig].map(
                    (it) => (it as { parallelism: number }).parallelism,
                );
            };
            expect(await groups("start-first")).to.deep.equal([4, 4]);
            expect(await groups("stop-first")).to.deep.equal([1, 1]);
        });

        it("watches a task for the whole monitor period where it cannot run beside the old one", async () => {
            expect((await make({ order: "stop-first" })).updateConfig).to.include({ monitor: "15s" });
        });

        it("carries the identity of what makes a task, which changes with it and only with it", async () => {
            const containerSpec = async (more: Record<string, unknown>) => {
                recorded.length = 0;
                const { taskSpec } = (await make(more)) as {
                    taskSpec: { containerSpec: { env: Record<string, string>; commands: string[] } };
                };
                return taskSpec.containerSpec;
            };
            const first = await containerSpec({ env: { B: "2", A: "1" } });
            // The provider writes variables in no fixed order, so there must be only one.
            expect(Object.keys(first.env)).to.deep.equal(["DEPLOYMENT"]);
            expect(first.env.DEPLOYMENT).to.match(/^[0-9a-f]{16}@1$/);
            expect(first.commands.slice(-4)).to.deep.equal(["env", "A=1", "B=2", "serve"]);
            expect(await containerSpec({ env: { A: "1", B: "2" }, replicas: 3 })).to.deep.equal(first);
            const other = await containerSpec({ env: { A: "1", B: "3" } });
            expect(other.env.DEPLOYMENT).not.to.equal(first.env.DEPLOYMENT);
        });

        it("states limits and reservations only where there are any", async () => {
            const { taskSpec: bare } = (await make()) as { taskSpec: { resources?: unknown } };
            expect(bare.resources).to.equal(undefined);
            recorded.length = 0;
            const { taskSpec } = (await make({
                limits: { cpus: 1.5, memory: "2g" },
                reservations: { memory: "512m" },
            })) as { taskSpec: { resources: unknown } };
            expect(taskSpec.resources).to.deep.equal({
                limits: { nanoCpus: 1.5e9, memoryBytes: 2 * 2 ** 30 },
                reservation: { memoryBytes: 512 * 2 ** 20 },
            });
        });

        it("is bound where the configuration does not say how", async () => {
            const limits = async (more: Record<string, unknown>) => {
                recorded.length = 0;
                const prod = { ...deployment, environment: "prod" };
                const { taskSpec } = (await make({ deployment: prod, role: "prometheus", ...more })) as {
                    taskSpec: { resources: { limits: unknown } };
                };
                return taskSpec.resources.limits;
            };
            expect(await limits({})).to.deep.equal({ nanoCpus: 1e9, memoryBytes: 2 ** 30 });
            const dev = { deployment, role: "mlflow" };
            expect(await limits(dev)).to.deep.equal({ memoryBytes: 4 * 2 ** 30 });
            // A part may take what it has reserved.
            expect(await limits({ ...dev, reservations: { memory: "6g" } })).to.deep.equal({
                memoryBytes: 6 * 2 ** 30,
            });
            expect(await limits({ limits: { memory: "3g" } })).to.deep.equal({
                nanoCpus: 1e9,
                memoryBytes: 3 * 2 ** 30,
            });
        });
    });

    it("ModelRegistry keeps its database and artifacts on volumes, and is asked by its own name only", async () => {
        const { ModelRegistry } = await import("../../../components/registry/modelRegistry");
        const config = parseConfig({ environment: "dev" }).mlflow;
        const registry = new ModelRegistry("registry", { deployment, config, network: "net-id" });
        await value(registry.urn);
        expect(await value(registry.trackingUri)).to.equal("http://mlflow:5000");
        const volumes = recorded.filter(({ type }) => type === "docker:index/volume:Volume");
        expect(volumes.map(({ inputs }) => inputs.name)).to.have.members([
            "seismic-mlops-dev-mlflow-db",
            "seismic-mlops-dev-mlflow-artifacts",
        ]);
        const { taskSpec, updateConfig } = only("docker:index/service:Service") as {
            taskSpec: { containerSpec: { commands: string[]; mounts: { target: string }[] } };
            updateConfig: { order: string; failureAction: string };
        };
        expect(taskSpec.containerSpec.commands).to.include("--allowed-hosts=mlflow:5000,127.0.0.1:5000");
        expect(taskSpec.containerSpec.mounts.map(({ target }) => target)).to.deep.equal([
            "/tmp",
            "/mlflow/db",
            "/mlflow/artifacts",
        ]);
        expect(updateConfig.order, "two servers on one SQLite file").to.equal("stop-first");
        expect(updateConfig.failureAction, "an older server on a migrated database").to.equal("pause");
    });

    it("gives what opens a database a day: a recovery or a migration that is cut short begins anew", async () => {
        const { ModelRegistry } = await import("../../../components/registry/modelRegistry");
        const config = parseConfig({ environment: "staging" }).mlflow;
        const registry = new ModelRegistry("registry", { deployment, config, network: "net-id" });
        await value(registry.trackingUri);
        const services = recorded.filter(({ type }) => type === "docker:index/service:Service");
        expect(
            services.map(({ inputs }) => {
                const { taskSpec } = inputs as {
                    taskSpec: { containerSpec: { healthcheck: { startPeriod: string } } };
                };
                return [inputs.name, taskSpec.containerSpec.healthcheck.startPeriod];
            }),
        ).to.deep.equal([
            ["seismic-mlops-dev-postgres", "24h"],
            ["seismic-mlops-dev-mlflow", "24h"],
        ]);
    });

    it("Database keeps its password to files of the engine's secrets, one that only its owner reads", async () => {
        const { ModelRegistry } = await import("../../../components/registry/modelRegistry");
        const config = parseConfig({ environment: "staging" }).mlflow;
        const registry = new ModelRegistry("registry", { deployment, config, network: "net-id" });
        await value(registry.trackingUri);
        const services = recorded.filter(({ type }) => type === "docker:index/service:Service");
        expect(JSON.stringify(services)).not.to.include("s3cret");
        interface Container {
            user: string;
            commands: string[];
            secrets: { fileMode?: number; fileUid?: string }[];
        }
        const [postgres, mlflow] = services.map(
            ({ inputs }) => (inputs.taskSpec as { containerSpec: Container }).containerSpec,
        );
        expect(postgres!.commands.at(-1)).to.equal("start-postgres");
        expect(mlflow!.commands).to.include(
            "--backend-store-uri=postgresql+psycopg2://mlflow@postgres:5432/mlflow?passfile=/run/secrets/pgpass",
        );
        expect(mlflow!.secrets.map(({ fileMode, fileUid }) => [fileMode, fileUid])).to.deep.equal([
            [0o400, mlflow!.user.split(":")[0]],
        ]);
    });

    it("Gateway publishes its ports at the front, and gives HAProxy hashes of the passwords", async () => {
        const { Gateway } = await import("../../../components/gateway/gateway");
        const gateway = new Gateway("gateway", {
            deployment,
            ...onlyServing(),
            endpoints: [
                {
                    name: "api",
                    port: 8000,
                    upstream: { host: "serving", ports: [8000], replicas: 1 },
                    check: "/ready",
                    open: "/health",
                    permissions: [],
                    ownHost: false,
                },
            ],
            users: {
                roles: { ci: "caller", ops: "operator" },
                given: pulumi.output('{"ops":"given"}'),
                giving: ["ops"],
            },
            certificate: undefined,
            trusted: [],
            logSample: 1,
        });
        await value(gateway.urn);
        await value(gateway.service.healthy);
        expect(await pulumi.isSecret(gateway.password)).to.equal(true);
        const services = recorded.filter(({ type }) => type === "docker:index/service:Service");
        const ports = services.map(({ name, inputs }) => [
            name,
            (inputs.endpointSpec as { ports: unknown[] }).ports,
        ]);
        expect(Object.fromEntries(ports)).to.deep.equal({
            "access-service": [],
            "gateway-service": [
                { publishedPort: 8000, targetPort: 8000, protocol: "tcp", publishMode: "host" },
            ],
        });
        expect(JSON.stringify(services)).not.to.match(/s3cret|given/);
        const files = recorded.filter(({ type }) => /ServiceConfig|:Secret/.test(type));
        const texts = files.map(({ inputs }) => dataOf(inputs));
        expect(files).to.have.length(5);
        expect(texts.join("")).not.to.match(/s3cret|given/);
        const hash = createHash("sha256").update("given").digest("hex");
        expect(texts.join("")).to.include(`${hash} 3:operator:ops\n`);
    });
});

/** The text of a secret or a config. */
function dataOf({ data }: Record<string, unknown>): string {
    // A secret is recorded with Pulumi's mark around its value.
    const text = typeof data === "string" ? data : (data as { value: string }).value;
    return Buffer.from(text, "base64").toString();
}
