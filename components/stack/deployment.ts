import type Docker from "dockerode";

/** Whose a thing on an engine is: two projects may have stacks of one name there. */
export interface Owner {
    /** The name in Pulumi.yaml. */
    readonly project: string;
    readonly stack: string;
}

/** What every component of one stack shares. */
export interface Deployment extends Owner {
    /** Begins each physical name: "seismic-mlops-dev". */
    prefix: string;
    environment: string;
    /** Client of the engine that the stack lives on. */
    engine: Docker;
    /** The name of that engine's host, as it is seen from here. */
    host: string;
    /** Whether that engine shares this machine's files. */
    local: boolean;
    /** Identifies the base image that the engine has: engine/baseImage.ts. */
    base?: string | undefined;
    /** Seconds that the tasks of a service must run before its deployment counts as done. */
    monitorSeconds: number;
}

/** What begins each physical name of a stack. */
export function stackPrefix({ project, stack }: Owner): string {
    return `${project}-${stack}`;
}

const PROJECT_LABEL = "seismic.project";
export const STACK_LABEL = "seismic.stack";
const ENVIRONMENT_LABEL = "seismic.environment";
const ROLE_LABEL = "seismic.role";

/** For another label the provider deletes a thing and makes it anew, which is an outage. */
export const LABELS_STAY = { ignoreChanges: ["labels", "taskSpec.containerSpec.labels"] };

/** The labels that say whose a thing on the engine is, and what it is for within its stack. */
export function ownLabels({ project, stack }: Owner, role?: string): Record<string, string> {
    return {
        [PROJECT_LABEL]: project,
        [STACK_LABEL]: stack,
        ...(role === undefined ? {} : { [ROLE_LABEL]: role }),
    };
}

/** The engine's filter for a service's containers: by its name, since they may be from before a label. */
export function tasksOf(owner: Owner, role: string): string[] {
    return [`com.docker.swarm.service.name=${stackPrefix(owner)}-${role}`];
}

/** The engine's filter for what else belongs to a stack; with a role, for what has that role there. */
export function selector(owner: Owner, role?: string): string[] {
    return Object.entries(ownLabels(owner, role)).map(([label, value]) => `${label}=${value}`);
}

/** Whether a service on the engine is a stack's: project and stack begin its name, and its role ends it. */
export function isServiceOf(
    owner: Owner,
    { Name, Labels }: { Name?: string; Labels?: Record<string, string> },
) {
    return Name === `${stackPrefix(owner)}-${Labels?.[ROLE_LABEL]}`;
}

/** The stack of a project whose volume this is: its label, and its name where that has the project in it. */
export function stackOfVolume(
    project: string,
    { Name, Labels }: { Name: string; Labels: Record<string, string> | null },
): string | undefined {
    const stack = Labels?.[STACK_LABEL];
    return stack !== undefined && Name.startsWith(`${stackPrefix({ project, stack })}-`) ? stack : undefined;
}

/** The labels of a thing on the engine, as the provider wants them, sorted by name. */
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
