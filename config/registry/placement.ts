import { z } from "zod";

import type { Problem } from "../problems";
import type { RegistryConfig } from "./registry";

/** Source: https://docs.docker.com/reference/cli/docker/service/create/#constraint */
const FACT = String.raw`(?:node\.(?:id|hostname|ip|role|platform\.(?:os|arch)|labels\.[\w.-]+)|engine\.labels\.[\w.-]+)`;
const CONSTRAINT = {
    error: 'needs a fact about a node, == or !=, and a value, such as "node.labels.zone==a"',
};
const SPREAD = { error: 'needs a label of nodes, such as "node.labels.zone"' };

const part = z
    .strictObject({
        /** Facts that must hold for each node that a task is on. */
        constraints: z
            .array(z.string(CONSTRAINT).regex(new RegExp(`^${FACT} ?[=!]= ?[\\w./:-]+$`), CONSTRAINT))
            .default([]),
        /** Tasks are spread evenly over the values of this label. */
        spread: z
            .string(SPREAD)
            .regex(/^(?:node|engine)\.labels\.[\w.-]+$/, SPREAD)
            .optional(),
    })
    .prefault({});

/** On which nodes the tasks of a part run. */
export const placement = z.strictObject({ serving: part }).prefault({});

/** On which nodes the tasks of one part run. */
export type Placement = z.output<typeof part>;

/** A place that no task can take. */
export function placementProblems({
    placement: { serving },
    registry,
    sourceMount,
}: {
    placement: z.output<typeof placement>;
    registry: RegistryConfig;
    sourceMount: boolean;
}): Problem[] {
    const given = serving.constraints[0] ?? serving.spread;
    if (given === undefined) {
        return [];
    }
    const key = `placement.serving.${serving.constraints.length > 0 ? "constraints" : "spread"}`;
    if (sourceMount) {
        const text = `${key}: got ${given}, and sourceMount is true; the source is on one node, so set sourceMount to false`;
        return [{ on: [key, "sourceMount"], text }];
    }
    if (registry.address === undefined && !registry.builtIn) {
        const text =
            `${key}: got ${given}; without a registry the images are on one node, and so are the tasks: ` +
            "set registry.builtIn or registry.address (docs/nodes.md)";
        return [{ on: [key, "registry.builtIn", "registry.address"], text }];
    }
    return [];
}
