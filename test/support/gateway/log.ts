import { parseJson } from "../../../common/json";
import type { TestStack } from "../stack/stack";

/** A line of the access log. */
export interface Entry extends Record<string, unknown> {
    id: string;
    user: string;
    path: string;
    status: number;
}

/** The access log of a stack's running tasks, and its text. */
export async function accessLog(stack: TestStack): Promise<{ entries: Entry[]; text: string }> {
    const tasks = await stack.engine.running("access");
    const logs = await Promise.all(tasks.map(({ Id }) => stack.engine.log(Id)));
    const text = logs.join("\n");
    const entries: Entry[] = text.split("\n").flatMap((line) => {
        const value = parseJson(line) as Entry | null | undefined;
        return typeof value === "object" && value !== null ? [value] : [];
    });
    return { entries, text };
}
