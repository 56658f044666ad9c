/** Stops and starts MLflow's service around an exchange of its database and artifacts. */
import type Docker from "dockerode";
import { mistake, quoted } from "../../common/mistake";
import { tasksOf } from "../../components/stack/deployment";
import { REGISTRY_ROLE } from "../../components/registry/modelRegistry";
import { failedProbe, tailOfContainer } from "../../engine/client";
import { waitFor } from "../../common/time";
import type { Target } from "../stack/target";

const POLL_MS = 250;
/** Longer than MLflow's task may take to stop and to start. */
const DEADLINE_MS = 120_000;
/** A container that has run for this long has not crashed, but migrates a large database. */
const AT_WORK_MS = 60_000;
const LOG_LINES = 15;
/** The final states of a task. */
const ENDED = ["complete", "failed", "shutdown", "rejected", "orphaned", "remove"];

/** Stops MLflow, and waits until no task runs or is about to run. */
export async function stopServer(target: Target): Promise<void> {
    await scaleServer(target, 0);
    await until(target, "did not end", async () => {
        const filters = JSON.stringify({ service: [nameOf(target)] });
        const tasks = (await target.engine.listTasks({ filters })) as { Status: { State: string } }[];
        return tasks.every(({ Status }) => ENDED.includes(Status.State));
    });
}

/**
 * Starts MLflow, and waits until it is healthy. With a backup of an older MLflow, this takes as long as the
 * migration.
 */
export async function startServer(target: Target): Promise<void> {
    await scaleServer(target, 1);
    let starting: { id?: string; since: number } = { since: Date.now() };
    const isAtWork = async () => {
        const id = (
            await target.engine.listContainers({ filters: { label: tasksOf(target, REGISTRY_ROLE) } })
        )[0]?.Id;
        if (id !== starting.id) {
            starting = { id, since: Date.now() };
        }
        return id !== undefined && Date.now() - starting.since > AT_WORK_MS;
    };
    await until(target, "did not get healthy", () => isHealthy(target), isAtWork);
}

export async function isHealthy(target: Target): Promise<boolean> {
    const filters = { label: tasksOf(target, REGISTRY_ROLE), health: ["healthy"] };
    return (await target.engine.listContainers({ filters })).length > 0;
}

/** Sets whether MLflow should run, and does not wait. */
export async function scaleServer(target: Target, replicas: 0 | 1): Promise<void> {
    const service = target.engine.getService(nameOf(target));
    const { Version, Spec } = (await service.inspect()) as Docker.Service;
    if (Spec?.Mode?.Replicated?.Replicas !== replicas) {
        await service.update({
            ...Spec,
            version: Version!.Index,
            Mode: { Replicated: { Replicas: replicas } },
        });
    }
}

function nameOf({ prefix }: Target): string {
    return `${prefix}-${REGISTRY_ROLE}`;
}

async function until(
    target: Target,
    what: string,
    holds: () => Promise<boolean>,
    isAtWork = () => Promise.resolve(false),
): Promise<void> {
    const patience = { ms: DEADLINE_MS, everyMs: POLL_MS };
    while (!(await waitFor(async () => (await holds()) || undefined, patience))) {
        if (!(await isAtWork())) {
            const said = await lastWords(target);
            throw mistake(
                [`${nameOf(target)}: ${what} within ${DEADLINE_MS / 1000} s`, ...quoted(said)].join("\n"),
            );
        }
    }
}

/** The last lines of the newest task's container. */
async function lastWords(target: Target): Promise<string[]> {
    const all = await target.engine.listContainers({
        all: true,
        filters: { label: tasksOf(target, REGISTRY_ROLE) },
    });
    const [newest] = all.sort((a, b) => b.Created - a.Created);
    if (newest === undefined) {
        return ["(it has no container)"];
    }
    const probe = await failedProbe(target.engine, newest.Id);
    const lines = await tailOfContainer(target.engine, newest.Id, LOG_LINES);
    return probe === undefined ? lines : [...lines, `its health check failed: ${probe}`];
}
