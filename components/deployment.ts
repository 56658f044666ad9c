import type Docker from "dockerode";

/** What every component of one stack shares. */
export interface Deployment {
    /** Begins each physical name: "seismic-mlops-dev". */
    prefix: string;
    stack: string;
    environment: string;
    /** Client of the engine that the stack lives on. */
    engine: Docker;
    /** Whether that engine shares this machine's files. */
    local: boolean;
    /** Seconds that the tasks of a service must run before its deployment counts as done. */
    monitorSeconds: number;
}

/** What begins each physical name of a stack. */
export function stackPrefix(project: string, stack: string): string {
    return `${project}-${stack}`;
}

/** Label that says which stack a thing on the engine belongs to. */
export const STACK_LABEL = "seismic.stack";
const ENVIRONMENT_LABEL = "seismic.environment";
/** Label that says what a thing is for, within its stack. */
export const ROLE_LABEL = "seismic.role";

/** The labels of a thing on the engine, as the provider wants them, sorted by name. */
export function labels(
    deployment: Deployment,
    role: string,
    more: Record<string, string> = {},
): { label: string; value: string }[] {
    const all = {
        ...more,
        [ENVIRONMENT_LABEL]: deployment.environment,
        [ROLE_LABEL]: role,
        [STACK_LABEL]: deployment.stack,
    };
    return Object.entries(all)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([label, value]) => ({ label, value }));
}
