import { setTimeout as sleep } from "node:timers/promises";

import type Docker from "dockerode";

import { containerLines, type LogLine, type LogRange } from "./containerLog";

/** An update begins new tasks. A task needs longer than this to become ready. */
const POLL_MS = 1000;

/** The tasks of a service, by the labels of their containers. */
export interface TasksOf {
    readonly engine: Docker;
    readonly labels: string[];
}

/** Takes a line. The next line is read once this one is taken. */
type OnLine = (line: LogLine) => Promise<void>;

/**
 * The lines of all tasks that the engine still has, ended ones too, in the order of their times. Memory holds a chunk
 * of each task's output.
 */
export async function* pastLines(
    { engine, labels }: TasksOf,
    range: LogRange,
): AsyncGenerator<LogLine, void> {
    const containers = await containersOf({ engine, labels });
    yield* merged(containers.map(({ Id }) => containerLines(engine, Id, { ...range, follow: false })));
}

/**
 * Passes on the lines of all tasks as they come, from a time on, also of tasks that an update begins.
 *
 * @param since nanoseconds since the epoch, by the engine's clock
 * @throws AbortError when the signal ends it; nothing else ends it without an error
 */
export async function followTasks(
    tasks: TasksOf,
    since: bigint,
    signal: AbortSignal,
    onLine: OnLine,
    everyMs = POLL_MS,
): Promise<void> {
    /** The next time to read of each container, and whether it is being read. */
    const followed = new Map<string, { next: bigint; isRead: boolean }>();
    const pump = async (id: string, next: bigint): Promise<void> => {
        const state = { next, isRead: true };
        followed.set(id, state);
        for await (const line of containerLines(tasks.engine, id, { since: next, follow: true, signal })) {
            state.next = line.at + 1n;
            await onLine(line);
        }
        state.isRead = false;
    };
    let fail: (error: unknown) => void = () => undefined;
    const failure = new Promise<never>((_, reject) => (fail = reject));
    const look = async (): Promise<never> => {
        for (;;) {
            for (const { Id, State } of await containersOf(tasks)) {
                const known = followed.get(Id);
                // If a connection broke, the container still runs, and is read on from its last line.
                if (known === undefined || (!known.isRead && State === "running")) {
                    pump(Id, known?.next ?? since).catch(fail);
                }
            }
            await sleep(everyMs, undefined, { signal });
        }
    };
    await Promise.race([look(), failure]);
}

/** The lines of several sources, each in the order of its times, as one. It holds one line of each source. */
export async function* merged(
    sources: readonly AsyncGenerator<LogLine, void>[],
): AsyncGenerator<LogLine, void> {
    try {
        const heads = await Promise.all(
            sources.map(async (source) => ({ source, line: await next(source) })),
        );
        for (;;) {
            const open = heads.flatMap((head) =>
                head.line === undefined ? [] : [{ head, at: head.line.at }],
            );
            if (open.length === 0) {
                return;
            }
            const { head } = open.reduce((first, other) => (other.at < first.at ? other : first));
            yield head.line!;
            head.line = await next(head.source);
        }
    } finally {
        await Promise.all(sources.map((source) => source.return()));
    }
}

async function next(source: AsyncGenerator<LogLine, void>): Promise<LogLine | undefined> {
    const { done, value } = await source.next();
    return done === true ? undefined : value;
}

function containersOf({ engine, labels }: TasksOf): Promise<Docker.ContainerInfo[]> {
    return engine.listContainers({ all: true, filters: { label: labels } });
}
