import type * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";

import type { RegistryLogin } from "../../config/registry/login";

/** Where the nodes of a swarm find the images of a stack. */
export interface ImageStore {
    /** The client of the engine that builds and pushes. */
    readonly engine: Docker;
    /** Begins the names of images there: "registry.example.org/team". */
    readonly address: string;
    /** Begins their names in a push, if that goes to another address. */
    readonly pushAddress?: string;
    /** The login of a push, if it needs one; known once the registry answers. */
    readonly login: pulumi.Output<RegistryLogin | undefined>;
}
