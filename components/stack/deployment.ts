import type Docker from "dockerode";

import type { StackConfig } from "../../config/schema";
import type { ImageStore } from "./imageStore";

/** The owner of a thing on an engine. Two projects may have stacks with the same name there. */
export interface Owner {
    /** The name in Pulumi.yaml. */
    readonly project: string;
    readonly stack: string;
}

/** Values that all components of one stack share. */
export interface Deployment extends Owner {
    /** The beginning of each physical name: "seismic-mlops-dev". */
    prefix: string;
    environment: string;
    /** The client of the stack's engine. */
    engine: Docker;
    /** The name of that engine's host, as seen from here. */
    host: string;
    /** Whether that engine shares this machine's files. */
    local: boolean;
    /** Identifies the engine's base image: engine/baseImage.ts. */
    base?: string | undefined;
    /** Where the swarm's nodes find the stack's images; undefined when images stay on the stack's engine. */
    images?: ImageStore | undefined;
    /** The id of the node that has the stack's volumes. */
    stateNode: string;
    /** How many managers the swarm has. */
    managers: number;
    /** Seconds that the tasks of a service must run before its deployment counts as done. */
    monitorSeconds: number;
    /** The limits that the configuration gives to parts without a configuration of their own. */
    limits?: StackConfig["limits"];
}

/** The beginning of each physical name of a stack. */
export function stackPrefix({ project, stack }: Owner): string {
    return `${project}-${stack}`;
}

const PROJECT_LABEL = "seismic.project";
export const STACK_LABEL = "seismic.stack";
const ENVIRONMENT_LABEL = "seismic.environment";
const ROLE_LABEL = "seismic.role";

/** If a label changes, the provider deletes the thing and makes it anew, which is an outage. */
export const LABELS_STAY = { ignoreChanges: ["labels", "taskSpec.containerSpec.labels"] };

/** The labels that name the owner of a thing on the engine, and its role within the stack. */
export function ownLabels({ project, stack }: Owner, role?: string): Record<string, string> {
    return {
        [PROJECT_LABEL]: project,
        [STACK_LABEL]: stack,
        ...(role === undefined ? {} : { [ROLE_LABEL]: role }),
    };
}

/** The engine's filter for a service's containers, by name, because containers may be older than a label. */
export function tasksOf(owner: Owner, role: string): string[] {
    return [`com.docker.swarm.service.name=${stackPrefix(owner)}-${role}`];
}

/** The engine's filter for other things of a stack. With a role, only for things with that role. */
export function selector(owner: Owner, role?: string): string[] {
    return Object.entries(ownLabels(owner, role)).map(([label, value]) => `${label}=${value}`);
}

/**
 * Whether a service on the engine belongs to a stack. Its name begins with project and stack, and ends with its role.
 */
export function isServiceOf(
    owner: Owner,
    { Name, Labels }: { Name?: string; Labels?: Record<string, string> },
) {
    return Name === `${stackPrefix(owner)}-${Labels?.[ROLE_LABEL]}`;
}

/**
 * The stack of this project to which a volume belongs. The label names the stack, and the
 * volume's name must begin with project and stack.
 */
export function stackOfVolume(
    project: string,
    { Name, Labels }: { Name: string; Labels: Record<string, string> | null },
): string | undefined {
    const stack = Labels?.[STACK_LABEL];
    return stack !== undefined && Name.startsWith(`${stackPrefix({ project, stack })}-`) ? stack : undefined;
}

/** The labels of a thing on the engine in the provider's form, sorted by name. */
export function labels(
    deployment: Deployment,
    role: string,
    more: Record<string, string> = {},
): { label: string; value: string }[] {
    const all = {
        ...more,
        ...ownLabels(deployment, role),
        [ENVIRONMENT_LABEL]: deployment.environment,
    };
    return Object.entries(all)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([label, value]) => ({ label, value }));
}
