import type { Declared } from "./declared";

/** What a rule has to know besides the resource. */
export interface Facts {
    /** Of the stack's configuration: dev, staging, prod. */
    environment: string | undefined;
    /** Where the engine's socket may lie on its host. */
    sockets: readonly string[];
    /** A path of the engine's host with its links followed, as far as they are seen from here. */
    followed: (path: string) => string;
}

/** What is wrong with a resource: "path: what was given; what to do", one for each fault. */
export type Rule = (declared: Declared, facts: Facts) => string[];
