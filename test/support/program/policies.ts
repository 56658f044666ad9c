import type { Declared } from "../../../policy/declared";
import { POLICIES } from "../../../policy/policies";
import type { Facts } from "../../../policy/rule";
import { CONTAINER, SERVICE } from "../../../policy/tasks";

export const DIGEST = `sha256:${"a".repeat(64)}`;
export const HASH = "0123456789abcdef";

export const FACTS: Facts = {
    environment: "prod",
    sockets: ["/var/run/docker.sock", "/run/docker.sock"],
    followed: (path) => path,
};

/** The faults that one policy, or each of them, finds in a resource. */
export function faults(declared: Declared, policy?: string, facts = FACTS): string[] {
    return POLICIES.filter(({ name }) => policy === undefined || name === policy).flatMap(({ rule }) =>
        rule(declared, facts),
    );
}

export function declared(type: string, props: object, within: string[] = []): Declared {
    return { type, name: "it", within, props };
}

/** A service that every policy accepts, with further parts in its container. */
export function service(container: object = {}, rest: object = {}): Declared {
    const limits = { nanoCpus: 1e9, memoryBytes: 1e9 };
    const confined = { capDrops: ["ALL"], readOnly: true };
    const containerSpec = {
        image: `seismic-mlops/trainer:${HASH}`,
        user: "10001:10001",
        ...confined,
        ...container,
    };
    return declared(SERVICE, { taskSpec: { containerSpec, resources: { limits } }, ...rest });
}

/** A container that every policy accepts, with further parts. */
export function container(props: object = {}): Declared {
    const limits = { cpus: "1.0", memory: 512 };
    const confined = { capabilities: { drops: ["ALL"] }, readOnly: true };
    return declared(CONTAINER, { image: DIGEST, user: "app", ...limits, ...confined, ...props });
}
