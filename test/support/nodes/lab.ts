import { randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type Docker from "dockerode";

import { PROJECT } from "../../../cli/local/paths";
import { ensureEngine } from "../../../cli/setup/engine";
import type { Suite } from "../../../cli/testing/engines";
import { copyImage } from "../../../cli/setup/imageBuild";
import { engineImage, removeDead, removeOwn, thingsOf } from "../../../cli/testing/nestedEngine";
import { isLocalEngine } from "../../../engine/address";
import { addressOf, makeNetwork, nameServers } from "./addresses";
import { type LabGround, LabNode } from "./node";
import { LabSwarm } from "./swarm";

/** The releases of Debian whose engines a node can have: 20.10, 26.1 and 28.5 in November 2026. */
export type Release = "bookworm" | Suite;

export interface LabOptions {
    readonly nodes: number;
    /** The first nodes are managers. */
    readonly managers: number;
    /** The engine of the nodes: trixie if there is none. */
    readonly release?: Release;
    /** Folders that containers of the nodes bind, beside the checkout. They have the same path on each node. */
    readonly shared?: readonly string[];
}

/**
 * Several machines on one. Each is a container of this machine's engine, with an engine of its own. This machine
 * reaches the nodes' addresses, and the nodes reach what this machine reaches, except Docker Hub.
 */
export class NodesLab {
    /** The pairs of nodes without a network between them. */
    private cuts: readonly (readonly [number, number])[] = [];
    /** The swarm of the nodes. */
    readonly swarm: LabSwarm;

    private constructor(
        private readonly ground: LabGround,
        private readonly nodes: readonly LabNode[],
    ) {
        this.swarm = new LabSwarm(nodes);
    }

    /** Starts nodes that are a swarm. Before, the labs of interrupted runs are removed. */
    static async up({ nodes, managers, release = "trixie", shared = [] }: LabOptions): Promise<NodesLab> {
        const { docker: machine, host } = await ensureEngine();
        if (process.platform !== "linux" || !isLocalEngine(host)) {
            throw new Error(`a lab needs an engine of this machine, on Linux; got ${host}`);
        }
        await removeDead(machine);
        const image = await engineImage(machine, release);
        const folder = mkdtempSync(join(tmpdir(), "seismic-lab-"));
        try {
            const name = `${PROJECT}-lab-${randomBytes(2).toString("hex")}`;
            const network = await makeNetwork(machine, host, name, folder);
            const resolvConf = join(folder, "resolv.conf");
            writeFileSync(
                resolvConf,
                nameServers()
                    .map((it) => `nameserver ${it}\n`)
                    .join(""),
            );
            const names = [...Array(nodes).keys()].map((at) => `node${at + 1}`);
            const addresses = Object.fromEntries(names.map((it, at) => [it, addressOf(network, at + 1)]));
            const ground = { machine, folder, network: name, addresses, resolvConf, shared };
            const lab = new NodesLab(ground, await Promise.all(names.map((it) => LabNode.of(ground, it))));
            await allOf(lab.nodes.map((node) => node.make(image)));
            await lab.swarm.make(network.swarmPool, managers);
            return lab;
        } catch (error) {
            await removeOwn(machine, folder);
            throw error;
        }
    }

    /** This machine's engine, which has the images that need not be built again. */
    get machine(): Docker {
        return this.ground.machine;
    }

    /** @param k counts from 1 */
    node(k: number): LabNode {
        const node = this.nodes[k - 1];
        if (node === undefined) {
            throw new Error(`node ${k}: got a lab with ${this.nodes.length} nodes`);
        }
        return node;
    }

    /** Ends all processes of a node at once. */
    async powerCut(k: number): Promise<void> {
        await this.node(k).powerCut();
    }

    /** Stops a node in order. */
    async stop(k: number): Promise<void> {
        await this.node(k).stop();
    }

    /** Starts a node with its disk, and waits until it is in the swarm again. */
    async start(k: number): Promise<void> {
        await this.node(k).start();
        await this.returned(k);
    }

    /** Stops a node in order, starts its disk with another engine, and waits until it is in the swarm again. */
    async raise(k: number, release: Release): Promise<void> {
        // The image is made first, so that the node is away for a short time only.
        const image = await engineImage(this.machine, release);
        await this.node(k).raise(image);
        await this.returned(k);
    }

    /** Moves the tasks of a node to others. */
    async drain(k: number): Promise<void> {
        await this.swarm.setAvailability(this.node(k), "drain");
    }

    /** Lets a node have tasks again. */
    async activate(k: number): Promise<void> {
        await this.swarm.setAvailability(this.node(k), "active");
    }

    /** Drops all packets between two nodes, until the network is healed. */
    async cutNetwork(a: number, b: number): Promise<void> {
        this.cuts = [...this.cuts, [a, b]];
        await this.cut(a, b);
        await this.cut(b, a);
    }

    /** Lets packets pass between two nodes again. */
    async healNetwork(a: number, b: number): Promise<void> {
        this.cuts = this.cuts.filter((pair) => !(pair.includes(a) && pair.includes(b)));
        for (const [here, there] of [
            [a, b],
            [b, a],
        ] as const) {
            if (await this.node(here).isOn()) {
                await this.node(here).heal(this.node(there).address);
            }
        }
    }

    /** Copies images from another engine to nodes. */
    async copyImage(from: Docker, images: readonly string[], to: readonly number[]): Promise<void> {
        for (const image of images) {
            await copyImage(
                from,
                to.map((k) => this.node(k).docker),
                image,
            );
        }
    }

    /** Removes the nodes with their disks, and everything else of the lab. */
    async down(): Promise<void> {
        await removeOwn(this.machine, this.ground.folder);
    }

    /** The things of the lab that are on this machine's engine. */
    async left(): Promise<string[]> {
        return (await thingsOf(this.machine, this.ground.folder)).map(({ what }) => what);
    }

    private async returned(k: number): Promise<void> {
        // The rules of a node are lost when it ends.
        const others = this.cuts.filter((pair) => pair.includes(k)).map(([a, b]) => (a === k ? b : a));
        for (const other of others) {
            await this.cut(k, other);
        }
        await this.swarm.returned(this.node(k));
    }

    private async cut(here: number, there: number): Promise<void> {
        if (await this.node(here).isOn()) {
            await this.node(here).cut(this.node(there).address);
        }
    }
}

/** Waits for all, so that a failure leaves no work that goes on. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
    const failed = (await Promise.allSettled(works)).find((it) => it.status === "rejected");
    if (failed !== undefined) {
        throw failed.reason;
    }
}
