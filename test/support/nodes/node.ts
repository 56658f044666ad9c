import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

import type Docker from "dockerode";

import { CHECKOUT } from "../../../cli/local/paths";
import { answering, ownedBy, PRIVILEGES } from "../../../cli/testing/nestedEngine";
import { clientAt } from "../../../engine/client";
import { proxyArguments } from "../../../engine/proxies";
import { execText } from "../../../engine/streams/execStream";
import { refusedHub } from "./addresses";

/** An engine gives its containers ten seconds to end, and needs some itself. */
const STOP_SECONDS = 30;

/** The things that all nodes of a lab share. */
export interface LabGround {
    /** The engine of this machine, which has the nodes as containers. */
    readonly machine: Docker;
    /** The folder of the lab on this machine. */
    readonly folder: string;
    readonly network: string;
    /** Each node's address by its name. */
    readonly addresses: Readonly<Record<string, string>>;
    /** A file with the name servers. */
    readonly resolvConf: string;
    /** Folders that have the same path on this machine and on each node. */
    readonly shared: readonly string[];
}

/** One machine of a lab: an engine with its own network, processes, host name and disk. */
export class LabNode {
    /** The volumes that outlive the node's container, as a disk outlives a machine's system. */
    private readonly disk: Readonly<Record<string, string>>;

    private constructor(
        private readonly ground: LabGround,
        /** The host name: node1. */
        readonly name: string,
        readonly address: string,
        /** The path of the engine's socket on this machine. */
        readonly socket: string,
        /** A client of the engine. */
        readonly docker: Docker,
    ) {
        this.disk = {
            [`${this.container}-data`]: "/var/lib/docker",
            // Docker 20.10 makes its identity of a key in this folder.
            [`${this.container}-etc`]: "/etc/docker",
        };
    }

    /** A node that is not yet there. */
    static async of(ground: LabGround, name: string): Promise<LabNode> {
        const socket = `${ground.folder}/${name}/docker.sock`;
        mkdirSync(dirname(socket));
        const address = ground.addresses[name]!;
        return new LabNode(ground, name, address, socket, await clientAt(`unix://${socket}`, {}));
    }

    /** The engine's address in the form of DOCKER_HOST. */
    get host(): string {
        return `unix://${this.socket}`;
    }

    /**
     * Makes the node with an empty disk, and starts it.
     *
     * @param image the image of its engine
     */
    async make(image: string): Promise<void> {
        for (const Name of Object.keys(this.disk)) {
            await this.ground.machine.createVolume({ Name, Labels: ownedBy(this.ground.folder) });
        }
        await this.makeContainer(image);
    }

    /** Starts the node, and waits until its engine answers. */
    async start(): Promise<void> {
        await this.own.start();
        await answering(this.ground.machine, this.container, this.host);
    }

    /** Stops the engine in order. */
    async stop(): Promise<void> {
        await this.own.stop({ t: STOP_SECONDS });
    }

    /** Ends all processes of the node at once. */
    async powerCut(): Promise<void> {
        await this.own.kill({ signal: "SIGKILL" });
        await this.own.wait();
    }

    /** Stops the node in order, and starts its disk with another engine. */
    async raise(image: string): Promise<void> {
        await this.stop();
        await this.own.remove();
        await this.makeContainer(image);
    }

    async isOn(): Promise<boolean> {
        return (await this.own.inspect()).State.Running;
    }

    /** Drops all packets from and to an address. A node that starts drops none. */
    async cut(address: string): Promise<void> {
        await this.filter("--insert", address);
    }

    /** Drops packets from and to an address no longer. */
    async heal(address: string): Promise<void> {
        await this.filter("--delete", address);
    }

    /**
     * Runs a command beside the engine, and returns its standard output.
     *
     * @throws when the command fails
     */
    async run(command: readonly string[]): Promise<string> {
        const { exitCode, stderr, stdout } = await execText(this.ground.machine, this.container, command);
        if (exitCode !== 0) {
            throw new Error(`${this.name}: ${command.join(" ")}: ${stderr}`);
        }
        return stdout;
    }

    private get container(): string {
        return `${this.ground.network}-${this.name}`;
    }

    private get own(): Docker.Container {
        return this.ground.machine.getContainer(this.container);
    }

    private async filter(how: string, address: string): Promise<void> {
        // Packets for a published port get another address before they are filtered as input.
        for (const rule of [
            ["PREROUTING", "--source"],
            ["OUTPUT", "--destination"],
        ]) {
            await this.run(["iptables", "--wait", "--table=raw", how, ...rule, address, "--jump=DROP"]);
        }
    }

    private async makeContainer(image: string): Promise<void> {
        const { addresses, folder, machine, network, resolvConf, shared } = this.ground;
        const volumes = Object.entries(this.disk).map((pair) => pair.join(":"));
        const names = Object.entries(addresses).map((pair) => pair.join(":"));
        await machine.createContainer({
            name: this.container,
            Image: image,
            Hostname: this.name,
            // The tests' user may use the socket, whoever it is.
            Cmd: ["--host", this.host, "--group", `${process.getgid!()}`],
            Env: proxies(Object.values(addresses)),
            Labels: ownedBy(folder),
            HostConfig: {
                ...PRIVILEGES,
                NetworkMode: network,
                ExtraHosts: [...refusedHub(), ...names],
                // A power cut leaves the files of running processes on a disk, but not in /run.
                Tmpfs: { "/run": "" },
                Binds: [
                    ...volumes,
                    // The engine's own name server is on the loopback, where containers of a node do not reach it.
                    `${resolvConf}:/etc/resolv.conf:ro`,
                    ...[dirname(this.socket), CHECKOUT, ...shared].map((it) => `${it}:${it}`),
                ],
            },
            NetworkingConfig: {
                EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: this.address } } },
            },
        });
        await this.start();
    }
}

/** This machine's proxies. The nodes reach each other without them, and Docker Hub not at all. */
function proxies(addresses: readonly string[]): string[] {
    const given = proxyArguments();
    const none = [...(given.no_proxy?.split(",") ?? []), "docker.io", ...addresses].join(",");
    return Object.entries({ ...given, no_proxy: none, NO_PROXY: none }).map((pair) => pair.join("="));
}
