/**
 * Chooses the addresses of a new swarm's networks. The machine and its containers must not use them for anything
 * else.
 */
import { readFileSync } from "node:fs";
import { BlockList, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { isLocalEngine } from "../../engine/address";

/** The engine's own default. Source: docker swarm init, --default-addr-pool. */
export const SWARM_POOL = "10.0.0.0/8";
/** Each candidate has 256 networks of 254 addresses, which is enough for every stack. */
const CANDIDATES = [
    ...[...Array(256).keys()].reverse().map((second) => `10.${second}.0.0/16`),
    ...[...Array(16).keys()].reverse().map((second) => `172.${16 + second}.0.0/16`),
    "192.168.0.0/16",
];

/** The pool for a swarm beside the taken networks; undefined when the engine's own pool is free. */
export function freePool(taken: readonly string[]): string | undefined {
    if (isFree(SWARM_POOL, taken)) {
        return undefined;
    }
    const [found] = freeNetworks(taken);
    if (found === undefined) {
        throw mistake(
            `Docker Swarm: its networks need addresses, and each private range is in use here (${taken.join(", ")}).\n` +
                "Make the swarm with one of your own: " +
                "docker swarm init --advertise-addr 127.0.0.1 --default-addr-pool NETWORK/16",
        );
    }
    return found;
}

/** The private networks that have no address in common with the taken networks, as 10.255.0.0/16. */
export function freeNetworks(taken: readonly string[]): string[] {
    return CANDIDATES.filter((network) => isFree(network, taken));
}

function isFree(pool: string, taken: readonly string[]): boolean {
    return !taken.some((network) => overlap(network, pool));
}

/** Whether two networks in CIDR notation have an address in common. */
export function overlap(a: string, b: string): boolean {
    return holds(a, b) || holds(b, a);
}

function holds(outer: string, inner: string): boolean {
    const [address = "", bits = ""] = outer.split("/");
    const [first = ""] = inner.split("/");
    if (!isIPv4(address) || !isIPv4(first)) {
        return false;
    }
    const block = new BlockList();
    block.addSubnet(address, Number(bits), "ipv4");
    return block.check(first);
}

/** The engine's description of the pools of its own networks. */
export interface PoolInfo {
    readonly DefaultAddressPools?: readonly { readonly Base: string }[] | null;
}

/**
 * The networks that the engine has, the networks that it will give to containers, and, if the engine is on this
 * machine, the machine's networks.
 */
export async function takenNetworks(docker: Docker, host: string): Promise<string[]> {
    const [networks, info] = await Promise.all([docker.listNetworks(), docker.info() as Promise<PoolInfo>]);
    const ofEngine = networks.flatMap(({ IPAM }) =>
        (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
    );
    const pools = (info.DefaultAddressPools ?? []).map(({ Base }) => Base);
    const ofMachine = isLocalEngine(host) ? [...interfaces(), ...routes()] : [];
    return [...new Set([...ofEngine, ...pools, ...ofMachine])].filter((network) =>
        isIPv4(network.split("/")[0]!),
    );
}

function interfaces(): string[] {
    return Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .flatMap(({ cidr }) => cidr ?? []);
}

function routes(): string[] {
    try {
        return parseRoutes(readFileSync("/proc/net/route", "utf8"));
    } catch {
        // Other systems have no such file, because their engine runs in a virtual machine.
        return [];
    }
}

/** The networks in the kernel's routing table, without the default route. Source: proc(5), /proc/net/route. */
export function parseRoutes(table: string): string[] {
    return table
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split("\t"))
        .filter(([, destination]) => destination !== undefined && destination !== "00000000")
        .map((fields) => `${littleEndian(fields[1]!).join(".")}/${bitsOf(littleEndian(fields[7]!))}`);
}

function littleEndian(hex: string): number[] {
    return [...Buffer.from(hex, "hex")].reverse();
}

function bitsOf(mask: number[]): number {
    return mask
        .map((byte) => byte.toString(2).replaceAll("0", "").length)
        .reduce((sum, bits) => sum + bits, 0);
}
