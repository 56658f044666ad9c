/** Addresses and names of a lab's nodes. */
import { existsSync, readFileSync } from "node:fs";
import { isIPv4 } from "node:net";

import type Docker from "dockerode";

import { freeNetworks, takenNetworks } from "../../../cli/setup/addressPool";
import { ownedBy } from "../../../cli/testing/nestedEngine";

/** The first file may name only systemd's server on the loopback. The second has the servers behind it. */
const NAME_SERVER_FILES = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];
/** A node's address ends with its number and this. The first addresses belong to the network. */
const FIRST = 10;
const ATTEMPTS = 5;

/** Docker Hub's names. An engine looks there for the image of each task, even if it has the image. */
const HUB = ["registry-1.docker.io", "auth.docker.io", "index.docker.io", "docker.io"];
/** The kernel refuses a connection to this address at once. */
const REFUSED = "255.255.255.255";

/** The network of a lab on this machine's engine, and the addresses of the nodes' swarm. */
export interface LabNetwork {
    readonly name: string;
    /** The beginning of the nodes' addresses: 10.254.0 */
    readonly prefix: string;
    /** The addresses of the swarm's networks: 10.253.0.0/16 */
    readonly swarmPool: string;
}

/**
 * Makes a network whose addresses nothing on this machine uses, and chooses such addresses for the swarm.
 *
 * @param host the address of this machine's engine
 * @param folder the folder of the lab
 */
export async function makeNetwork(
    docker: Docker,
    host: string,
    name: string,
    folder: string,
): Promise<LabNetwork> {
    for (let left = ATTEMPTS; ; left -= 1) {
        try {
            return await networkOf(docker, host, name, folder);
        } catch (error) {
            // Another lab may take the same addresses first.
            if (left === 0 || !/overlap/i.test(String(error))) {
                throw error;
            }
        }
    }
}

async function networkOf(docker: Docker, host: string, name: string, folder: string): Promise<LabNetwork> {
    const servers = nameServers().map((address) => `${address}/32`);
    const [own, swarmPool] = freeNetworks([...(await takenNetworks(docker, host)), ...servers]);
    if (own === undefined || swarmPool === undefined) {
        throw new Error("each private range of addresses is in use on this machine");
    }
    const prefix = own.split(".").slice(0, 3).join(".");
    await docker.createNetwork({
        Name: name,
        Driver: "bridge",
        IPAM: { Driver: "default", Config: [{ Subnet: `${prefix}.0/24`, Gateway: `${prefix}.1` }] },
        Labels: ownedBy(folder),
    });
    return { name, prefix, swarmPool };
}

/** The address of the node with this number. */
export function addressOf({ prefix }: LabNetwork, k: number): string {
    return `${prefix}.${FIRST + k}`;
}

/** Docker Hub's names in the form of /etc/hosts, with an address that refuses at once. */
export function refusedHub(): string[] {
    return HUB.map((name) => `${name}:${REFUSED}`);
}

/** The name servers of this machine that a container reaches too. */
export function nameServers(files: readonly string[] = NAME_SERVER_FILES): string[] {
    for (const file of files.filter((it) => existsSync(it))) {
        const found = [...readFileSync(file, "utf8").matchAll(/^nameserver\s+(\S+)/gm)]
            .map(([, address]) => address!)
            .filter((address) => isIPv4(address) && !address.startsWith("127."));
        if (found.length > 0) {
            return found;
        }
    }
    return [];
}
