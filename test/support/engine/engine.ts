import Docker from "dockerode";

import { type Owner, ownLabels, selector, stackPrefix } from "../../../components/stack/deployment";
import { registryNetwork } from "../../../components/stack/environmentNetwork";
import { execText } from "../../../engine/streams/execStream";
import { demultiplex } from "../../../engine/streams/frames";
import { runOnce } from "../../../engine/tasks/oneShot";

/** The things of one tested stack on the engine. */
export class TestEngine {
    /** The beginning of each physical name. */
    readonly prefix: string;

    constructor(
        private readonly owner: Owner,
        readonly docker = new Docker(),
    ) {
        this.prefix = stackPrefix(owner);
    }

    /** Physical name of a thing of the stack. */
    physical(role: string): string {
        return `${this.prefix}-${role}`;
    }

    /** Runs a Python text in the trainer's image on the network of the stack's registry, without the sources. */
    async python(image: string, text: string, variables: string[] = []): Promise<string> {
        return this.run({
            Image: image,
            Cmd: ["python", "-c", text],
            WorkingDir: "/",
            Env: variables,
            HostConfig: { NetworkMode: registryNetwork(this.prefix) },
        });
    }

    /** Writes a demo survey as SEG-Y with its labels into a folder of this machine. */
    async demoSurvey(image: string, folder: string, samples: number): Promise<void> {
        await this.run({
            Image: image,
            Cmd: [
                "python",
                "-m",
                "seismic.demo",
                "--out=/out",
                "--traces=1000",
                `--samples=${samples}`,
                "--seed=3",
            ],
            // The folder belongs to the tests.
            User: `${process.getuid!()}`,
            HostConfig: { Binds: [`${folder}:/out`], NetworkMode: "none" },
        });
    }

    /** The running containers of the stack with this role. */
    async running(role: string): Promise<Docker.ContainerInfo[]> {
        return this.docker.listContainers({ filters: this.filters(role) });
    }

    /** All containers of the stack with this role. */
    async containers(role: string): Promise<Docker.ContainerInfo[]> {
        return this.docker.listContainers({ all: true, filters: this.filters(role) });
    }

    /** All containers of the stack, but for those of tasks that have ended. */
    async everyContainer(): Promise<Docker.ContainerInfo[]> {
        const all = await this.docker.listContainers({ all: true, filters: this.filters() });
        return all.filter(
            ({ Labels, State }) => State === "running" || Labels["com.docker.swarm.task.id"] === undefined,
        );
    }

    /** The image of a running container with this role, by its declared name. */
    async imageOf(role: string): Promise<string> {
        const [task] = await this.running(role);
        const { Config } = await this.docker.getContainer(task!.Id).inspect();
        return Config.Image;
    }

    /** The standard output of a command in a running container. */
    async exec(container: string, command: string[]): Promise<string> {
        return (await execText(this.docker, container, command)).stdout;
    }

    /** Standard output of a container so far. */
    async log(container: string): Promise<string> {
        return demultiplex(await this.docker.getContainer(container).logs({ stdout: true })).stdout;
    }

    /** Sets the number of a service's tasks, as a person might do by hand. */
    async scale(role: string, replicas: number): Promise<void> {
        const service = this.docker.getService(this.physical(role));
        const { Version, Spec } = (await service.inspect()) as Docker.Service;
        await service.update({
            ...Spec,
            version: Version!.Index,
            Mode: { Replicated: { Replicas: replicas } },
        });
    }

    /** State of the last update of a service: "updating", "completed", ... */
    async updateState(role: string): Promise<string | undefined> {
        const service = (await this.docker.getService(this.physical(role)).inspect()) as Docker.Service;
        return service.UpdateStatus?.State;
    }

    /** The stack's things on the engine: containers, services, networks, volumes, secrets and configs. */
    async left(): Promise<string[]> {
        const filters = this.filters();
        const [containers, services, networks, { Volumes }, secrets, configs] = await Promise.all([
            this.docker.listContainers({ all: true, filters }),
            this.docker.listServices({ filters }),
            this.docker.listNetworks({ filters }),
            this.docker.listVolumes({ filters }),
            this.docker.listSecrets({ filters }),
            // The provider gives a config no labels.
            this.docker.listConfigs({ filters: { name: [this.physical("")] } }),
        ]);
        return [
            ...containers.map(({ Names }) => `container ${Names[0]}`),
            ...services.map((service) => `service ${service.Spec?.Name}`),
            ...networks.map(({ Name }) => `network ${Name}`),
            ...Volumes.map(({ Name }) => `volume ${Name}`),
            ...secrets.map((secret) => `secret ${secret.ID}`),
            ...configs.map((config) => `config ${config.ID}`),
        ];
    }

    /** Removes the volumes, which the destruction of a stack keeps. */
    async clean(): Promise<void> {
        const { Volumes } = await this.docker.listVolumes({ filters: this.filters() });
        for (const { Name } of Volumes) {
            await this.docker.getVolume(Name).remove();
        }
    }

    private filters(role?: string): { label: string[] } {
        return { label: selector(this.owner, role) };
    }

    /** Standard output of a container that runs to its end. */
    private async run(options: Docker.ContainerCreateOptions): Promise<string> {
        const labelled = { ...options, Labels: ownLabels(this.owner) };
        const { exitCode, stdout, tail } = await runOnce(this.docker, labelled, () => undefined);
        if (exitCode !== 0) {
            throw new Error([stdout, ...tail].join("\n"));
        }
        return stdout;
    }
}
