/** The Docker engine and its swarm. The engine answers already, or setup installs and starts it. */
import { existsSync } from "node:fs";
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { DEFAULT_HOST, DEFAULT_SOCKET, type EngineAddress, USUAL } from "../../engine/address";
import { findAddress } from "../../engine/client";
import { installPackages, mayInstallPackages } from "./packages";
import { allOnPath, mustRun } from "../local/processes";
import { connect, type Engine } from "./connection";
import { startDockerd } from "./dockerd";
import { freePool, takenNetworks } from "./addressPool";
import { step } from "../terminal/steps";

/** The first Engine API that has BuildKit at /build, and reliable swarm jobs: Docker 20.10. */
const OLDEST_API = 41;
export const NEEDED_ENGINE = "Docker Engine 20.10 or later with Linux containers is needed.";
/** Marks a swarm that setup made. */
const SWARM_LABEL = "seismic-mlops.setup";

export interface Swarm {
    readonly LocalNodeState: string;
    readonly ControlAvailable?: boolean;
    readonly Cluster?: { readonly DefaultAddrPool?: readonly string[] | null } | null;
}

/** The parts of an engine's description that decide whether it can run stacks. */
export interface EngineKind {
    readonly SecurityOptions?: readonly string[] | null;
}

/** The engine, if it answers and is an active swarm manager. */
export async function readyEngine(): Promise<Engine | undefined> {
    const engine = await findEngine();
    if (engine === undefined) {
        return undefined;
    }
    const swarm = await checkedSwarm(engine);
    return swarm.LocalNodeState === "active" && swarm.ControlAvailable === true ? engine : undefined;
}

/** Finds an engine, or installs and starts one. Makes it a swarm if it is in none. */
export async function ensureEngine(): Promise<Engine> {
    const engine = (await findEngine()) ?? (await startEngine());
    const swarm = await checkedSwarm(engine);
    const remedy = swarmRemedy(swarm);
    if (remedy !== undefined) {
        throw mistake(`Docker Swarm: ${remedy}`);
    }
    if (swarm.LocalNodeState === "inactive") {
        await step("Docker Swarm, a one-node swarm on 127.0.0.1", () => initSwarm(engine));
    }
    return engine;
}

/** What a person first has to do about this swarm; undefined when setup can use or make it. */
export function swarmRemedy(swarm: Swarm): string | undefined {
    switch (swarm.LocalNodeState) {
        case "inactive":
            return undefined;
        case "active":
            return swarm.ControlAvailable === true
                ? undefined
                : "the engine is a worker of an existing swarm. Set DOCKER_HOST to one of its managers, " +
                      "or promote it there: docker node promote NODE";
        case "locked":
            return "the engine's swarm is locked. Unlock it: docker swarm unlock";
        default:
            return (
                `the engine's swarm is in state ${swarm.LocalNodeState}. Wait until it is active, or, ` +
                "if this is a swarm that you no longer need, leave it: docker swarm leave"
            );
    }
}

/** The engine that answers where every command looks for one. */
export async function findEngine(timeoutMs?: number): Promise<Engine | undefined> {
    const address = await findAddress(timeoutMs);
    const found = await connect(address.host, timeoutMs, address.variables);
    if (typeof found !== "string") {
        return { ...found, source: address.source };
    }
    const refusal = noAnswer(address, found);
    if (refusal !== undefined) {
        throw mistake(refusal);
    }
    return undefined;
}

/** What to do about an engine that does not answer; undefined when setup may start another engine instead. */
function noAnswer({ host, source }: EngineAddress, why: string): string | undefined {
    if (source === "DOCKER_HOST") {
        return `DOCKER_HOST: no engine answers at ${host} (${why}).\nStart it, correct DOCKER_HOST, or unset it.`;
    }
    if (source !== USUAL) {
        return (
            `${source}: no engine answers at ${host} (${why}).\n` +
            "Start it, or choose another: docker context use NAME"
        );
    }
    return why.includes("EACCES")
        ? `${host.slice("unix://".length)}: you may not use this engine. Join its group ` +
              '(sudo usermod -aG docker "$USER", then log in again), or set DOCKER_HOST to another engine.'
        : undefined;
}

async function startEngine(): Promise<Engine> {
    const HOW =
        "Install and start Docker Engine 20.10 or later (or Docker Desktop), or set DOCKER_HOST to an engine elsewhere.";
    if (process.platform !== "linux") {
        throw mistake(`Docker engine: none answers.\n${HOW}`);
    }
    const installed = allOnPath("dockerd").length > 0;
    if (!mayInstallPackages()) {
        const what = installed
            ? "installed but not running, and only root may start it. Start it: sudo systemctl enable --now docker"
            : "none here, and it can be installed for you only as root on Debian or Ubuntu.";
        throw mistake(`Docker engine: ${what}\n${HOW}`);
    }
    if (!installed) {
        await step("Docker engine, apt-get install docker.io", (report) =>
            installPackages(["docker.io", "iptables"], report),
        );
    }
    await step("Docker engine, start", async () => {
        if (existsSync("/run/systemd/system")) {
            await startBySystemd();
        } else {
            await startDockerd({ socket: DEFAULT_SOCKET });
        }
    });
    const engine = await connect(DEFAULT_HOST);
    if (typeof engine === "string") {
        throw mistake(`Docker engine: started, but ${engine}.\n${HOW}`);
    }
    return { ...engine, source: USUAL };
}

/** Enables the engine for the next boot too, because the stacks must come back with the machine. */
export async function startBySystemd(): Promise<void> {
    await mustRun("systemctl", ["enable", "--now", "docker"], { remedy: "See: journalctl -u docker" });
}

/** The engine's swarm, after a check of the engine's version. */
async function checkedSwarm({ docker, host }: Engine): Promise<Swarm> {
    const [version, info] = await Promise.all([
        docker.version(),
        docker.info() as Promise<{ Swarm: Swarm } & EngineKind>,
    ]);
    if (!isGoodEngine(version)) {
        throw mistake(`Docker engine at ${host}: got ${version.Version} for ${version.Os}; ${NEEDED_ENGINE}`);
    }
    const problem = kindProblem(info, version);
    if (problem !== undefined) {
        throw mistake(`Docker engine at ${host}: ${problem}`);
    }
    return info.Swarm;
}

/**
 * Why an engine lacks the networks that stacks need; undefined when it may have them. The engine's version does not
 * matter here.
 */
export function kindProblem(
    { SecurityOptions }: EngineKind,
    { Components }: Pick<Docker.DockerVersion, "Components">,
): string | undefined {
    const REMEDY =
        "Set DOCKER_HOST to an engine that runs as root, or choose its context: docker context use NAME";
    if (SecurityOptions?.some((option) => /\bname=rootless\b/.test(option)) === true) {
        return `it is rootless, and rootless Docker has no overlay networks, on which the stacks' services meet.\n${REMEDY}`;
    }
    return Components?.some(({ Name }) => Name.includes("Podman")) === true
        ? `it is Podman, which has no Swarm.\n${REMEDY}`
        : undefined;
}

export function isGoodEngine({ Os, ApiVersion }: Pick<Docker.DockerVersion, "Os" | "ApiVersion">): boolean {
    return Os === "linux" && Number(ApiVersion.split(".")[1]) >= OLDEST_API;
}

/** Makes the engine a swarm. Call this only for an engine that is in no swarm. */
export async function initSwarm({ docker, host }: Pick<Engine, "docker" | "host">): Promise<void> {
    const pool = freePool(await takenNetworks(docker, host));
    await docker.swarmInit({
        ...(pool === undefined ? {} : { DefaultAddrPool: [pool], SubnetSize: 24 }),
        // No other machine will join it.
        ListenAddr: "127.0.0.1:2377",
        AdvertiseAddr: "127.0.0.1",
        Spec: { Labels: { [SWARM_LABEL]: "true" } },
    });
}
