import { realpathSync } from "node:fs";
import { posix } from "node:path";

import { PolicyPack } from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";

import { addressOf } from "../engine/address";
import { withinOf } from "./declared";
import { plain } from "./plain";
import { type Facts, POLICIES } from "./rules";

const LEVEL = "mandatory";
const UNIX = "unix://";

function stackFacts(): Facts {
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

const facts = stackFacts();

new PolicyPack("seismic-mlops", {
    enforcementLevel: LEVEL,
    policies: POLICIES.map(({ name, description, rule }) => ({
        name,
        description,
        enforcementLevel: LEVEL,
        validateResource: ({ type, name: resource, urn, props }, report) => {
            const declared = { type, name: resource, within: withinOf(urn), props: plain(props) };
            for (const fault of rule(declared, facts)) {
                report(`${resource}: ${fault}`);
            }
        },
    })),
});
