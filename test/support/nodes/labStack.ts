import type Docker from "dockerode";

import { eventually } from "../expectations";
import type { TestStack } from "../stack/stack";
import { STUB_MODEL } from "../stack/stub";
import { Balancer } from "./balancer";
import type { NodesLab } from "./lab";

const OK = 200;

/** A stack that serves on the nodes of a lab, as its users see it. */
export class LabStack {
    private constructor(
        private readonly lab: NodesLab,
        private readonly stack: TestStack,
        private readonly nodes: readonly number[],
        /** Asks for predictions at all nodes. */
        readonly api: Balancer,
        /** Asks MLflow at a node. */
        private readonly mlflow: Balancer,
    ) {}

    static async of(lab: NodesLab, stack: TestStack, nodes: readonly number[]): Promise<LabStack> {
        const { username, password } = await stack.outputs();
        const hosts = nodes.map((k) => lab.node(k).address);
        const at = (port: number) => new Balancer({ hosts, port, username, password });
        return new LabStack(lab, stack, nodes, at(stack.ports.api), at(stack.ports.mlflow));
    }

    /** The physical name of the replicas' service. */
    get serving(): string {
        return this.stack.engine.physical("serving");
    }

    /** Waits until a node's own gateway answers. */
    async answersAt(k: number): Promise<void> {
        await eventually(`the gateway of node ${k}`, async () => {
            try {
                return (await this.api.at(this.lab.node(k).address, "/health")).status === OK;
            } catch {
                // A node that starts refuses, and one without its front is silent.
                return false;
            }
        });
    }

    /** The version that MLflow calls the champion, asked at a node; undefined while MLflow is away. */
    async champion(k: number): Promise<string | undefined> {
        const path = `/api/2.0/mlflow/registered-models/alias?name=${STUB_MODEL}&alias=champion`;
        try {
            const response = await this.mlflow.at(this.lab.node(k).address, path);
            const text = await response.text();
            return response.status === OK
                ? (JSON.parse(text) as { model_version: { version: string } }).model_version.version
                : undefined;
        } catch {
            return undefined;
        }
    }

    /** Waits until MLflow answers, and returns the version that it calls the champion. */
    async championAgain(k: number): Promise<string> {
        return eventually("MLflow", async () => (await this.champion(k)) ?? false);
    }

    /** Each service's role with the name of its image, and the number of changes that it has had. */
    async services(k: number): Promise<{ role: string; image: string; changes: number }[]> {
        const all = await this.lab.node(k).docker.listServices({
            filters: { name: [this.stack.engine.physical("")] },
        });
        return all
            .map(({ Spec, Version }) => ({
                role: Spec!.Name!.slice(this.stack.engine.physical("").length),
                image: (Spec!.TaskTemplate as Docker.ContainerTaskSpec).ContainerSpec!.Image!,
                changes: Number(Version!.Index),
            }))
            .sort((a, b) => a.role.localeCompare(b.role));
    }

    /** The identities of the images that the replicas run. The same content has the same one on each node. */
    async servedImages(): Promise<string[]> {
        const filters = { label: [`com.docker.swarm.service.name=${this.serving}`] };
        const tasks = await Promise.all(
            this.nodes.map((k) => this.lab.node(k).docker.listContainers({ filters })),
        );
        return [...new Set(tasks.flat().map(({ ImageID }) => ImageID))];
    }
}
