/** Whether the ports of a stack are free for it. */
import type Docker from "dockerode";
import { isLocalEngine } from "../../engine/address";
import { holderOf } from "../../engine/ports";
import type { LiveEngine } from "./engine";
import { failed, note, ok, type Finding } from "./finding";
import type { StackPlan } from "./plans";

export interface PortsArgs {
    readonly plan: StackPlan;
    readonly engine: Pick<LiveEngine, "docker" | "host">;
    /** The stack's own services. */
    readonly services: readonly Docker.Service[];
    /** Whether the stack should run here. If so, a taken port is a failure. */
    readonly isWanted: boolean;
}

export async function portsFinding({ plan, engine, services, isWanted }: PortsArgs): Promise<Finding> {
    const what = `${plan.name}, ports`;
    const own = new Set(services.flatMap(portsOf));
    const local = isLocalEngine(plan.host ?? engine.host);
    const holders = await Promise.all(
        plan.claims
            .filter(({ port }) => !own.has(port))
            .map(async ({ key, port }) => ({ key, port, by: await holderOf(engine.docker, local, port) })),
    );
    const taken = holders.filter(({ by }) => by !== undefined);
    if (taken.length === 0) {
        const all = plan.claims.map(({ port }) => port).join(", ");
        const theirs = holders.length === 0 ? "its own gateway's" : "free, or its own gateway's";
        return ok(what, `${all}: ${own.size === 0 ? "free" : theirs}`);
    }
    const found = taken.map(({ key, port, by }) => `${key}: port ${port} is taken by ${by}`).join("; ");
    const keys = taken.map(({ key }) => `--path ${key} PORT`).join(" and ");
    const remedy = `Stop it, or choose another: pulumi config set ${keys} --stack ${plan.name}`;
    return isWanted ? failed(what, found, remedy) : note(what, found, remedy);
}

function portsOf({ Endpoint, Spec }: Docker.Service): number[] {
    // Some engines do not list the ports at the endpoint if each port is on its task's node.
    const ports = [...(Endpoint?.Ports ?? []), ...(Spec?.EndpointSpec?.Ports ?? [])];
    return ports.flatMap(({ PublishedPort }) => PublishedPort ?? []);
}
