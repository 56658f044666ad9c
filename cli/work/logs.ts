/** Shows the access log of a stack's gateway, or the output of a service. */
import { once } from "node:events";
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { parseSeconds } from "../../common/units";
import { ACCESS_ROLE } from "../../components/gateway/endpoint";
import {
    isServiceOf,
    type Owner,
    STACK_LABEL,
    stackPrefix,
    tasksOf,
} from "../../components/stack/deployment";
import { engineClock } from "../../engine/rollout/clock";
import { type LogLine, nanoseconds } from "../../engine/tasks/containerLog";
import { followTasks, pastLines } from "../../engine/tasks/taskLogs";
import { engineOf } from "../stack/engine";
import { openStack } from "../stack/stack";
import { interruptible } from "../terminal/interruption";
import { checkLogOptions, shownBy } from "../upkeep/accessLog";

export interface LogsArgs {
    readonly stack: string;
    readonly service: string | undefined;
    readonly follow: boolean;
    readonly user: string | undefined;
    readonly status: string | undefined;
    readonly last: string | undefined;
    readonly json: boolean;
}

export async function logs(given: LogsArgs): Promise<number> {
    checkLogOptions(given, ACCESS_ROLE);
    const stack = await openStack(given.stack);
    const engine = await engineOf(stack);
    const role = given.service ?? ACCESS_ROLE;
    await refuseUnknown(engine, stack.owner, role);
    const show = shownBy(given, ACCESS_ROLE);
    const tasks = { engine, labels: tasksOf(stack.owner, role) };
    return interruptible("Nothing was changed.", async (signal) => {
        const reader = new AbortController();
        const ends = AbortSignal.any([signal, reader.signal]);
        const print = async (line: LogLine): Promise<void> => {
            const text = show(line);
            if (text !== undefined && !process.stdout.write(`${text}\n`)) {
                await once(process.stdout, "drain", { signal: ends });
            }
        };
        // A reader such as head ends before the lines do.
        const gone = (): void => reader.abort();
        process.stdout.on("error", gone);
        try {
            const now = nanoseconds((await engineClock(engine))());
            const since =
                given.last === undefined ? undefined : now - nanoseconds(parseSeconds(given.last)! * 1000);
            for await (const line of pastLines(tasks, { since, until: now, signal: ends })) {
                ends.throwIfAborted();
                await print(line);
            }
            if (given.follow) {
                await followTasks(tasks, now + 1n, ends, print);
            }
        } catch (error) {
            // Ctrl-C is the way to end --follow.
            if (!reader.signal.aborted && !(given.follow && signal.aborted)) {
                throw error;
            }
        } finally {
            process.stdout.off("error", gone);
        }
        return 0;
    });
}

/** @throws Mistake with the stack's services when it has no such service */
async function refuseUnknown(engine: Docker, owner: Owner, role: string): Promise<void> {
    const label = [`${STACK_LABEL}=${owner.stack}`];
    const services = await engine.listServices({ filters: { label } });
    const roles = services
        .filter(({ Spec }) => isServiceOf(owner, Spec ?? {}))
        .map(({ Spec }) => Spec!.Name!.slice(stackPrefix(owner).length + 1))
        .sort();
    if (!roles.includes(role)) {
        const has =
            roles.length === 0 ? "none of its services runs on this engine" : `it has ${roles.join(", ")}`;
        throw mistake(
            `--service: got ${role}, which stack ${owner.stack} does not have; ${has}. ` +
                `To bring it up: pulumi up --stack ${owner.stack}`,
        );
    }
}
