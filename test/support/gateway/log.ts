import { expect } from "chai";

import { parseJson } from "../../../common/json";
import { demultiplex } from "../../../engine/streams/frames";
import { eventually } from "../expectations";
import type { TestStack } from "../stack/stack";
import type { Caller } from "./caller";

const CONNECTIONS = 8;
/** The longest time that a line may take to reach the engine. */
const DELAY_MS = 1000;

/** A line of the access log. */
export interface Entry extends Record<string, unknown> {
    id: string;
    time: string;
    user: string;
    path: string;
    status: number;
    ms: number;
}

/** The access log of a stack's running tasks and its text, once it has the line of a request. */
export function accessLog(stack: TestStack, id: string): Promise<{ entries: Entry[]; text: string }> {
    return eventually(`the line of ${id}`, async () => {
        const tasks = await stack.engine.running("access");
        const logs = await Promise.all(tasks.map((task) => stack.engine.log(task.Id)));
        const text = logs.join("\n");
        const entries = text.split("\n").flatMap((line) => entryIn(line) ?? []);
        return entries.some((entry) => entry.id === id) && { entries, text };
    });
}

/** Checks that the log of a task that is told to stop has the line of each request that it answered, once, in order. */
export async function losesNoLine(stack: TestStack, caller: Caller, api: string): Promise<void> {
    const [task] = await stack.engine.running("access");
    const container = stack.engine.docker.getContainer(task!.Id);
    let isStopped = false;
    const askUntilStopped = async (_: unknown, connection: number): Promise<string[]> => {
        const agent = caller.connections(1);
        const answered: string[] = [];
        for (let turn = 0; !isStopped; turn += 1) {
            const id = `stop-${connection}-${turn}`;
            const asked = caller.ask(`${api}/version`, { agent, headers: { "x-request-id": id } });
            // There is no other task, so the last requests get no answer.
            const status = await asked.then(
                (answer) => answer.status,
                () => undefined,
            );
            answered.push(...(status === 200 ? [id] : []));
        }
        agent.destroy();
        return answered;
    };
    const stop = container.stop().finally(() => (isStopped = true));
    const answered = await Promise.all(Array.from({ length: CONNECTIONS }, askUntilStopped));
    await stop;

    const { stdout } = demultiplex(await container.logs({ stdout: true, timestamps: true }));
    const lines = stdout.split("\n").flatMap((line) => {
        const [at = "", text = ""] = line.split(/ (.*)/s);
        const entry = entryIn(text);
        return entry === undefined ? [] : [{ ...entry, at: Date.parse(at) }];
    });
    for (const ids of answered) {
        expect(ids.length).to.be.above(10);
        expect(lines.map(({ id }) => id).filter((id) => ids.includes(id))).to.deep.equal(ids);
    }
    const delays = lines.map(({ at, time, ms }) => at - Date.parse(time) - ms).sort((a, b) => a - b);
    expect(delays[Math.floor(delays.length / 2)]).to.be.below(DELAY_MS);
}

function entryIn(line: string): Entry | undefined {
    const value = parseJson(line) as Entry | null | undefined;
    return typeof value === "object" && value !== null ? value : undefined;
}
