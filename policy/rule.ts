import type { Declared } from "./declared";

/** The facts that a rule needs besides the resource. */
export interface Facts {
    /** The environment in the stack's configuration: dev, staging, prod. */
    environment: string | undefined;
    /** The paths where the engine's socket may lie on its host. */
    sockets: readonly string[];
    /** Follows the links of a path of the engine's host, as far as they are seen from here. */
    followed: (path: string) => string;
}

/** The faults of a resource, each as "path: what was given; what to do". */
export type Rule = (declared: Declared, facts: Facts) => string[];
