import type Docker from "dockerode";

import { mistake } from "../common/mistake";

/** The part of the engine's answer to "Get system information" about its swarm. */
interface Swarm {
    readonly LocalNodeState: string;
    /** Whether the engine is a manager, even of a swarm that has no leader. */
    readonly ControlAvailable: boolean;
    /** Why the swarm cannot be asked. */
    readonly Error?: string;
    readonly RemoteManagers: readonly { readonly Addr: string }[] | null;
}

/**
 * Says what is wrong with an engine that does not answer as a manager of its swarm.
 *
 * @param address the engine's address, for the message
 */
export async function whyNoManager(engine: Docker, address?: string): Promise<Error> {
    const where = address === undefined ? "" : ` at ${address}`;
    const info: unknown = await engine.info().catch((error: unknown) => error);
    if (info instanceof Error) {
        return mistake(`no Docker engine answers${where} (${info.message}); start it, or run: npm run setup`);
    }
    const {
        LocalNodeState,
        ControlAvailable,
        Error: reason,
        RemoteManagers,
    } = (info as { Swarm: Swarm }).Swarm;
    if (LocalNodeState !== "active") {
        return mistake(
            `the engine${where} is in no swarm (state ${LocalNodeState}); run: npm run setup, ` +
                "or: docker swarm init --advertise-addr 127.0.0.1",
        );
    }
    if (!ControlAvailable) {
        return mistake(
            `the engine${where} is a worker of its swarm; point DOCKER_HOST or docker:host at a manager`,
        );
    }
    const managers = (RemoteManagers ?? []).map(({ Addr }) => Addr).sort();
    return mistake(
        `the swarm of the engine${where} cannot be changed: ${reason ?? "it does not answer"}\n` +
            `  Its managers are ${managers.join(", ")}. Bring back more than half of them; what runs goes on meanwhile`,
    );
}
