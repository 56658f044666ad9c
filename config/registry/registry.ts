import { z } from "zod";

import type { Problem } from "../problems";
import { flag, port } from "../types";

const ADDRESS = {
    error: 'needs the host of a registry, with its port and a path if it has them, such as "registry.example.org/team"',
};

/** Where the images of a stack are kept for the nodes of its swarm. Without a registry, they stay on one engine. */
export const registry = z
    .strictObject({
        /** A registry that exists. `docker:registryAuth` has its login. */
        address: z
            .string(ADDRESS)
            // Source: the grammar of image names, https://pkg.go.dev/github.com/distribution/reference
            .regex(
                /^(?=[^/]*[.:]|localhost(?:\/|$))[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/,
                ADDRESS,
            )
            .optional(),
        /** The stack has a registry of its own. */
        builtIn: flag.default(false),
        /** The port at which each node finds the stack's own registry. */
        port: port.optional(),
    })
    .prefault({});

/** The registry of a stack's configuration. */
export type RegistryConfig = z.output<typeof registry>;

/** The port that a stack's own registry publishes. */
export function registryPorts({ builtIn, port: given }: RegistryConfig): { key: string; port: number }[] {
    return builtIn && given !== undefined ? [{ key: "registry.port", port: given }] : [];
}

/** The values that do not go together. */
export function registryProblems({ address, builtIn, port: given }: RegistryConfig): Problem[] {
    if (address !== undefined && builtIn) {
        return [
            {
                on: ["registry.address", "registry.builtIn"],
                text: `registry.address: got ${address}, and registry.builtIn is true; images are kept in one place, so take one away`,
            },
        ];
    }
    return given === undefined || builtIn
        ? []
        : [
              {
                  on: ["registry.port", "registry.builtIn"],
                  text: `registry.port: got ${given}; it is of the stack's own registry, so set registry.builtIn, or take the port away`,
              },
          ];
}
