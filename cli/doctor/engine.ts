/** The Docker engine: whether it answers, and whether it can run stacks. */
import { mistake } from "../../common/mistake";
import { GIB } from "../../common/units";
import { DEFAULT_SOCKET, USUAL } from "../../engine/address";
import { readyBaseImage, BASE_IMAGE } from "../setup/baseImage";
import { overlap } from "../setup/addressPool";
import { masked } from "../local/backend";
import {
    findEngine,
    isGoodEngine,
    kindProblem,
    NEEDED_ENGINE,
    swarmRemedy,
    type Swarm,
} from "../setup/engine";
import { connect, withTimeout, type Engine } from "../setup/connection";
import { messageOf } from "../terminal/steps";
import { failed, note, ok, SETUP, type Check, type Finding } from "./finding";

/** The engine's own description. Source: Engine API, "Get system information". */
export interface EngineInfo {
    readonly ServerVersion: string;
    readonly Driver: string;
    readonly DockerRootDir: string;
    readonly NCPU: number;
    readonly MemTotal: number;
    readonly SystemTime: string;
    readonly Swarm: Swarm & { readonly Nodes?: number };
    readonly SecurityOptions?: readonly string[] | null;
    readonly DefaultAddressPools?: readonly { readonly Base: string }[] | null;
}

export interface LiveEngine extends Engine {
    readonly info: EngineInfo;
    readonly api: string;
    readonly isGood: boolean;
    /** Why an engine of this kind cannot run stacks. */
    readonly kind?: string;
    /** The milliseconds by which the engine's clock is ahead of this machine's. */
    readonly aheadMs: number;
}

/** The limits of prod's training: Pulumi.prod.yaml, training.limits. */
const ENOUGH = { cpus: 2, bytes: 4 * GIB };
const SKEW_MS = 5_000;

/**
 * The engine at `host`, or where setup looks for one, as it presents itself.
 *
 * @throws {Mistake} when none answers within `limitMs`
 */
export async function lookAtEngine(limitMs: number, host?: string): Promise<LiveEngine> {
    const engine = host === undefined ? await findEngine(limitMs) : await connect(host, limitMs);
    if (engine === undefined) {
        throw mistake(
            `no engine answers at ${DEFAULT_SOCKET}\n` +
                `Start it, or set DOCKER_HOST to one elsewhere; as root on Debian, ${SETUP} installs one.`,
        );
    }
    if (typeof engine === "string") {
        throw mistake(
            `no engine answers at ${host} (${engine})\nStart it, or correct docker:host of the stack.`,
        );
    }
    const asked = Date.now();
    const asking = Promise.all([engine.docker.info() as Promise<EngineInfo>, engine.docker.version()]);
    const [info, version] = await withTimeout(asking, limitMs).catch((error: unknown) => {
        throw mistake(
            `the engine at ${masked(engine.host)} answers no more (${messageOf(error)})\nRestart it, or see its log.`,
        );
    });
    return {
        ...engine,
        info,
        api: version.ApiVersion,
        isGood: isGoodEngine(version),
        kind: kindProblem(info, version),
        // The engine read its clock between the question and the answer. Take the middle.
        aheadMs: Date.parse(info.SystemTime) - (asked + Date.now()) / 2,
    };
}

export function engineChecks(looking: Promise<LiveEngine>): Check[] {
    return [
        {
            what: "engine",
            look: async () => {
                const engine = await looking;
                return [...facts(engine), await baseImage(engine)];
            },
        },
    ];
}

/** Judges an engine's description. */
export function facts({
    host,
    source,
    info,
    api,
    isGood,
    kind,
    aheadMs,
}: Omit<LiveEngine, "docker">): Finding[] {
    const named = source === undefined || source === USUAL ? "" : ` (${source})`;
    const which = `${masked(host)}${named}, Docker ${info.ServerVersion}, API ${api}`;
    const small = info.NCPU < ENOUGH.cpus || info.MemTotal < ENOUGH.bytes;
    const size = `${info.NCPU} CPUs, ${(info.MemTotal / GIB).toFixed(1)} GiB of memory`;
    return [
        isGood ? ok("engine", which) : failed("engine", which, NEEDED_ENGINE),
        ...(kind === undefined ? [] : [failed("engine", ...(kind.split("\n") as [string, string]))]),
        swarm(info),
        ...addresses(info),
        info.Driver === "vfs"
            ? note("storage", "vfs, which keeps a whole copy of each layer", "Have the engine use overlay2.")
            : ok("storage", `${info.Driver} in ${info.DockerRootDir}`),
        small ? note("size", `${size}; prod's training may take 2 CPUs and 4 GiB`) : ok("size", size),
        clock(aheadMs),
    ];
}

function swarm({ Swarm: it }: EngineInfo): Finding {
    const remedy = swarmRemedy(it);
    if (remedy !== undefined) {
        return failed("swarm", it.LocalNodeState, remedy);
    }
    const nodes = it.Nodes === 1 ? "1 node" : `${it.Nodes} nodes`;
    return it.LocalNodeState === "active"
        ? ok("swarm", `active, and this engine manages it; ${nodes}`)
        : failed("swarm", "in none yet", SETUP);
}

/** Whether the pools of the swarm and of the engine's other networks overlap. */
function addresses({ Swarm: { Cluster }, DefaultAddressPools }: EngineInfo): Finding[] {
    const pools = Cluster?.DefaultAddrPool ?? [];
    const shared = (DefaultAddressPools ?? []).filter(({ Base }) =>
        pools.some((pool) => overlap(pool, Base)),
    );
    const found = `the swarm's networks are of ${pools.join(", ")}, and the engine's others of ${shared.map(({ Base }) => Base).join(", ")}`;
    return shared.length === 0
        ? []
        : [
              note(
                  "addresses",
                  `${found}: they can get the same`,
                  "Have a swarm with others (docker swarm init --default-addr-pool), or other default-address-pools in daemon.json.",
              ),
          ];
}

function clock(aheadMs: number): Finding {
    const off = `${Math.abs(aheadMs / 1000).toFixed(1)} s ${aheadMs < 0 ? "behind" : "ahead of"} this machine`;
    return Math.abs(aheadMs) < SKEW_MS
        ? ok("clock", "as this machine's")
        : note(
              "clock",
              `${off}; times in records and in logs do not agree`,
              "timedatectl set-ntp true, on both",
          );
}

async function baseImage({ docker }: LiveEngine): Promise<Finding> {
    return (await readyBaseImage(docker))
        ? ok("base image", BASE_IMAGE)
        : failed("base image", `no ${BASE_IMAGE} yet, or one of before`, SETUP);
}
