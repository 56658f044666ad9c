import { realpathSync } from "node:fs";
import { posix } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { addressOf } from "../engine/address";
import type { Facts } from "./rule";

const UNIX = "unix://";

/** What the rules have to know of the stack that is under way. */
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

/** With the links of its part that exists here: an engine of another host has its own. */
function followed(path: string): string {
    try {
        return realpathSync(path);
    } catch {
        const [folder, name] = [posix.dirname(path), posix.basename(path)];
        return folder === path ? path : posix.join(followed(folder), name);
    }
}
