import { shown } from "../declared";
import type { Rule } from "../rule";
import { taskOf } from "../tasks";

/** The gateway, and the doors of the nodes to the stack's registry, which answer each node's own engine only. */
const PUBLISHED = ["seismic:platform:Gateway", "seismic:platform:BuiltInStore"];

/** Refuses services that can be reached past the gateway. */
export const gatewayOnly: Rule = (declared) => {
    if (PUBLISHED.some((it) => declared.within.includes(it))) {
        return [];
    }
    return (taskOf(declared)?.published ?? []).map(
        ({ path, value }) =>
            `${path}: got ${shown(value)}; only the gateway is published, and asks for credentials: ` +
            "give it an endpoint for this (index.ts, endpoints)",
    );
};
