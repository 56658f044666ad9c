import * as pulumi from "@pulumi/pulumi";

import { endWith } from "../common/failures";
import { type Declared, UNKNOWN, withinOf } from "./declared";
import { stackFacts } from "./facts";
import { POLICIES } from "./policies";
import type { Facts } from "./rule";

const ENGINE = "docker:";
/** Asked of the pack only: the configuration may name another's image by its tag where nobody deploys from it. */
const PACK_ONLY = new Set(["pinned-images"]);

/**
 * Judges each resource of the program by the policies before it is made, so that a plain `pulumi up` has them too.
 * They are the functions that the pack calls, without the pack, which is a process of its own.
 *
 * @param refuse ends the program, with what is wrong
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
            // Whatever its form: Pulumi looks into it when it makes the resource.
            return (opts.dependsOn ?? []) as pulumi.Input<pulumi.Resource>[];
        };
        // A resource is made when what it depends on is there.
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

/** Inputs as they are sent to the engine, without secrets' wrappings. */
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
