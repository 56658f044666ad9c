import { shown } from "../declared";
import type { Rule } from "../rule";
import { taskOf } from "../tasks";

const GATEWAY = "seismic:platform:Gateway";

/** Refuses services that can be reached past the gateway. */
export const gatewayOnly: Rule = (declared) => {
    if (declared.within.includes(GATEWAY)) {
        return [];
    }
    return (taskOf(declared)?.published ?? []).map(
        ({ path, value }) =>
            `${path}: got ${shown(value)}; only the gateway is published, and asks for credentials: ` +
            "give it an endpoint for this (index.ts, endpoints)",
    );
};
