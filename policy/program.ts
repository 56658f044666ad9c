import * as pulumi from "@pulumi/pulumi";

import { endWith } from "../common/failures";
import { type Declared, UNKNOWN, withinOf } from "./declared";
import { stackFacts } from "./facts";
import { POLICIES } from "./policies";
import type { Facts } from "./rule";

const ENGINE = "docker:";
/**
 * Only the pack checks these. Without the pack, the configuration may name an image of
 * others, such as Grafana's, by its tag.
 */
const PACK_ONLY = new Set(["pinned-images"]);

/**
 * Judges each resource of the program by the policies before the resource is made, so that a plain `pulumi up` has the
 * policies too. The functions are those of the pack. The pack itself is a separate process and is not needed here.
 *
 * @param refuse ends the program with a message about the faults
 */
export function applyPolicies(
    refuse: (message: string) => Promise<unknown> = (message) => endWith(undefined, message),
): void {
    const facts = stackFacts();
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
        if (!type.startsWith(ENGINE)) {
            return undefined;
        }
        const judging = async () => {
            const faults = await faultsOf(type, name, props, opts.parent, facts);
            if (faults.length > 0) {
                await refuse(faults.join("\n"));
            }
            // Every form of `dependsOn` may be passed on: Pulumi reads it when it makes the resource.
            return (opts.dependsOn ?? []) as pulumi.Input<pulumi.Resource>[];
        };
        // Pulumi makes a resource only after the values of `dependsOn` are there, so it waits for the judgement.
        return { props, opts: { ...opts, dependsOn: judging() } };
    });
}

async function faultsOf(
    type: string,
    name: string,
    props: pulumi.Inputs,
    parent: pulumi.Resource | undefined,
    facts: Facts,
): Promise<string[]> {
    const { urn, ...given } = plain(
        await pulumi.runtime.serializeProperties(name, { ...props, urn: parent?.urn }),
    ) as Record<string, unknown>;
    const within = typeof urn === "string" ? [...withinOf(urn), typeOf(urn)] : [];
    const declared: Declared = { type, name, within, props: given };
    return POLICIES.filter((policy) => !PACK_ONLY.has(policy.name)).flatMap((policy) =>
        policy.rule(declared, facts).map((fault) => `policy ${policy.name}: ${name}: ${fault}`),
    );
}

function typeOf(urn: string): string {
    return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** Inputs as they are sent to the engine, without the wrappings of secrets. */
function plain(value: unknown): unknown {
    if (value === pulumi.runtime.unknownValue) {
        return UNKNOWN;
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (pulumi.runtime.isRpcSecret(value)) {
        return plain(pulumi.runtime.unwrapRpcSecret(value));
    }
    return Array.isArray(value)
        ? value.map(plain)
        : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
