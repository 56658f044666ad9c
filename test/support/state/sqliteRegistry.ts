import type Docker from "dockerode";
import { z } from "zod";

import { ownLabels, stackPrefix } from "../../../components/stack/deployment";
import { sqliteUri, SQLITE_FILE } from "../../../components/registry/modelRegistry";
import { insideRegistry } from "../../../components/registry/senders";
import { tailOfContainer } from "../../../engine/client";
import { runOnce } from "../../../engine/tasks/oneShot";
import { startServer, stopServer } from "../../../cli/backup/server";
import { containerOf, type Target } from "../../../cli/stack/target";
import { eventually } from "../expectations";
import { TestEngine } from "../engine/engine";
import type { TestStack } from "../stack/stack";

const OLD_DATABASE = `
import sys
from alembic import command
from alembic.script import ScriptDirectory
from mlflow.store.db import utils
engine = utils.create_sqlalchemy_engine(sys.argv[1])
utils.InitialBase.metadata.create_all(engine)
config = utils._get_alembic_config(sys.argv[1])
head, before, *_ = ScriptDirectory.from_config(config).walk_revisions()
with engine.begin() as connection:
    config.attributes["connection"] = connection
    command.upgrade(config, before.revision)
`;
const API = "http://127.0.0.1:5000/api/2.0/mlflow";
const MOUNTS = { "/mlflow/db": "mlflow-db", "/mlflow/artifacts": "mlflow-artifacts" };

/** A service of only MLflow on SQLite, made like a stack's. It is the registry of dev without the other parts. */
export class SqliteRegistry {
    readonly engine: TestEngine;
    readonly target: Target;

    private constructor(private readonly stack: TestStack) {
        const owner = { project: stack.project.pulumiName, stack: `${stack.name}-sqlite` };
        this.engine = new TestEngine(owner);
        this.target = {
            engine: this.engine.docker,
            ...owner,
            prefix: stackPrefix(owner),
            environment: "dev",
            backend: "sqlite",
            model: "Model",
        };
    }

    static async create(stack: TestStack): Promise<SqliteRegistry> {
        const registry = new SqliteRegistry(stack);
        await registry.makeOldDatabase();
        await registry.createService();
        await startServer(registry.target);
        return registry;
    }

    /** MLflow's answer to a request. */
    async ask(path: string, json: unknown): Promise<unknown> {
        const inside = await insideRegistry(this.target);
        const { status, body } = await inside!.request({ method: "POST", url: `${API}/${path}`, json });
        if (status !== 200) {
            throw new Error(`${path}: ${status} ${body}`);
        }
        return JSON.parse(body);
    }

    /** Names of the registered models. */
    async models(): Promise<string[]> {
        const inside = await insideRegistry(this.target);
        const { body } = await inside!.request({ url: `${API}/registered-models/search?max_results=100` });
        const found = z.object({ registered_models: z.array(z.object({ name: z.string() })).default([]) });
        return found.parse(JSON.parse(body)).registered_models.map(({ name }) => name);
    }

    /** The output of a shell text among the artifacts. */
    async shell(text: string): Promise<string> {
        const mlflow = await containerOf(this.target, "mlflow");
        return this.engine.exec(mlflow, ["sh", "-ec", `cd /mlflow/artifacts; ${text}`]);
    }

    async remove(): Promise<void> {
        await stopServer(this.target);
        await this.engine.docker.getService(this.engine.physical("mlflow")).remove();
        // The engine removes a service's containers a moment later.
        await eventually(
            "the containers' end",
            async () => (await this.engine.containers("mlflow")).length === 0,
        );
        await this.engine.clean();
    }

    /** MLflow's output since its start. */
    async log(): Promise<string> {
        const mlflow = await containerOf(this.target, "mlflow");
        return (await tailOfContainer(this.target.engine, mlflow, 1000)).join("\n");
    }

    /** Makes a database with the tables from before MLflow's last change of them. */
    private async makeOldDatabase(): Promise<void> {
        await this.engine.docker.createVolume({
            Name: this.engine.physical("mlflow-db"),
            Labels: ownLabels(this.target),
        });
        const { exitCode, tail } = await runOnce(
            this.engine.docker,
            {
                Image: await this.stack.engine.imageOf("mlflow"),
                Cmd: ["python", "-c", OLD_DATABASE, sqliteUri(SQLITE_FILE)],
                HostConfig: { NetworkMode: "none", Mounts: [this.mount("/mlflow/db")] },
            },
            () => undefined,
        );
        if (exitCode !== 0) {
            throw new Error(tail.join("\n"));
        }
    }

    private async createService(): Promise<void> {
        const like = this.stack.engine.docker.getService(this.stack.engine.physical("mlflow"));
        const { Spec } = (await like.inspect()) as Docker.Service;
        const { ContainerSpec } = Spec!.TaskTemplate as Docker.ContainerTaskSpec;
        const Labels = ownLabels(this.target, "mlflow");
        await this.engine.docker.createService({
            Name: this.engine.physical("mlflow"),
            Labels,
            Mode: { Replicated: { Replicas: 1 } },
            TaskTemplate: {
                ContainerSpec: {
                    ...ContainerSpec,
                    Labels,
                    Command: ContainerSpec!.Command!.map((it) =>
                        it.replace(/postgresql[+]\S+/, sqliteUri(SQLITE_FILE)),
                    ),
                    Secrets: [],
                    Mounts: [
                        // Its root is read-only, as that of the service that it is like.
                        { Target: "/tmp", Type: "volume" as const, Source: "" },
                        ...Object.entries(MOUNTS).map(([Target, role]) => ({
                            Target,
                            Type: "volume" as const,
                            Source: this.engine.physical(role),
                            VolumeOptions: {
                                NoCopy: false,
                                Labels,
                                DriverConfig: { Name: "local", Options: {} },
                            },
                        })),
                    ],
                },
            },
        });
    }

    private mount(Target: keyof typeof MOUNTS): Docker.MountSettings {
        const Labels = ownLabels(this.target);
        const options = { NoCopy: false, Labels, DriverConfig: { Name: "local", Options: {} } };
        return {
            Target,
            Type: "volume",
            Source: this.engine.physical(MOUNTS[Target]),
            VolumeOptions: options,
        };
    }
}
