/** Debian's packages in an image, and newer versions of them. */
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { runOnce } from "../../engine/tasks/oneShot";

/** Names of packages with their versions. */
export type Packages = ReadonlyMap<string, string>;

const INSTALLED = ["dpkg-query", "--show", "--showformat=${Package}\\t${Version}\\n"];
/** Asks Debian for newer packages. Only the container's own files change. */
const UPGRADABLE = ["sh", "-c", "apt-get update >&2 && apt-get --simulate --verbose-versions dist-upgrade"];
/** "   libssl3t64 (3.5.1-1 => 3.5.4-1)" */
const NEWER = /^\s+(\S+) \((\S+) => (\S+)\)$/gm;

/** The packages of an image. */
export async function packagesOf(engine: Docker, image: string): Promise<Packages> {
    return parsePackages(await printed(engine, image, INSTALLED, "none"));
}

/** The packages of an image with newer versions in Debian, each as "1.2 → 1.3". */
export async function newerThan(engine: Docker, image: string): Promise<Packages> {
    const text = await printed(engine, image, UPGRADABLE);
    return new Map([...text.matchAll(NEWER)].map(([, name, from, to]) => [name!, `${from} → ${to}`]));
}

export function parsePackages(text: string): Packages {
    const rows = text.trim().split("\n");
    return new Map(rows.map((row) => row.split("\t")).map(([name = "", version = ""]) => [name, version]));
}

/** The differences between two lists of packages, a line each, sorted by name. */
export function changedPackages(before: Packages, after: Packages): string[] {
    const names = [...new Set([...before.keys(), ...after.keys()])].sort();
    return names
        .filter((name) => before.get(name) !== after.get(name))
        .map((name) => `${name} ${before.get(name) ?? "(none)"} → ${after.get(name) ?? "(none)"}`);
}

async function printed(engine: Docker, image: string, command: string[], network?: string): Promise<string> {
    const options: Docker.ContainerCreateOptions = {
        Image: image,
        // apt-get writes its lists, so it needs root.
        User: "0",
        Entrypoint: [],
        Cmd: command,
        HostConfig: network === undefined ? {} : { NetworkMode: network },
    };
    const { exitCode, stdout, tail } = await runOnce(engine, options, () => undefined);
    if (exitCode !== 0) {
        throw mistake(`${image}: ${command[0]} ended with ${exitCode}\n${tail.join("\n")}`);
    }
    return stdout;
}
