import { realpathSync } from "node:fs";
import { posix } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { addressOf, UNIX } from "../engine/address";
import type { Facts } from "./rule";

/** The facts about the running stack that the rules need. */
export function stackFacts(): Facts {
    const host = addressOf(new pulumi.Config("docker").get("host"));
    const sockets = ["/var/run/docker.sock", "/run/docker.sock"];
    const all = host.startsWith(UNIX) ? [...sockets, host.slice(UNIX.length)] : sockets;
    return {
        environment: new pulumi.Config().get("environment"),
        sockets: [...new Set([...all, ...all.map(followed)])],
        followed,
    };
}

/** Follows the links of the part of a path that exists here. The host of a remote engine may have other links. */
function followed(path: string): string {
    try {
        return realpathSync(path);
    } catch {
        const [folder, name] = [posix.dirname(path), posix.basename(path)];
        return folder === path ? path : posix.join(followed(folder), name);
    }
}
