import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { toolchainFolder, versions } from "../../cli/local/paths";
import { writeFile } from "./temporaryFolder";

/** A machine after its setup. Its pulumi prints the engine that it got. */
export function setUp(home: string): NodeJS.ProcessEnv {
    const env = {
        PATH: process.env.PATH,
        HOME: home,
        XDG_CACHE_HOME: join(home, "cache"),
        XDG_DATA_HOME: join(home, "data"),
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_BACKEND_URL: `file://${home}`,
    };
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = env.XDG_CACHE_HOME;
    const folder = toolchainFolder();
    if (before === undefined) {
        delete process.env.XDG_CACHE_HOME;
    } else {
        process.env.XDG_CACHE_HOME = before;
    }
    mkdirSync(join(folder, "bin"), { recursive: true });
    const pulumi = join(folder, "bin", "pulumi");
    writeFileSync(pulumi, '#!/bin/sh\necho "$DOCKER_HOST"\n');
    chmodSync(pulumi, 0o755);
    const { size, mtimeMs } = statSync(pulumi);
    const choice = { pulumi, origin: "built", fingerprint: `${size} ${mtimeMs}` };
    writeFileSync(join(folder, "pulumi.json"), JSON.stringify(choice));
    const { docker, random } = versions();
    for (const [name, version] of [
        ["docker", docker],
        ["random", random],
    ] as const) {
        const plugin = join(folder, "home", "plugins", `resource-${name}-v${version}`);
        mkdirSync(plugin, { recursive: true });
        writeFileSync(join(plugin, `pulumi-resource-${name}`), "");
        chmodSync(join(plugin, `pulumi-resource-${name}`), 0o755);
    }
    return env;
}

/** Writes a file below a folder. */
export function writeBelow(folder: string, text: string, ...path: string[]): void {
    writeFile(join(folder, ...path), text);
}

/** The id of a context in the docker command's folder. */
export function contextId(name: string): string {
    return createHash("sha256").update(name).digest("hex");
}

/** Writes a context as the docker command does. */
export function writeContext(home: string, name: string, endpoint: object): void {
    const meta = { Name: name, Metadata: {}, Endpoints: { docker: endpoint } };
    writeBelow(home, JSON.stringify(meta), ".docker", "contexts", "meta", contextId(name), "meta.json");
}

/** Makes a context the current one. */
export function useContext(home: string, name: string): void {
    writeBelow(home, JSON.stringify({ auths: {}, currentContext: name }), ".docker", "config.json");
}
