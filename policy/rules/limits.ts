import { shown } from "../declared";
import type { Rule } from "../rule";
import { taskOf } from "../tasks";

/** Refuses a task without limits in prod. */
export const prodLimits: Rule = (declared, { environment }) => {
    const task = taskOf(declared);
    if (task === undefined || environment !== "prod") {
        return [];
    }
    return [task.cpus, task.memory]
        .filter(({ value }) => value === undefined || value === 0)
        .map(
            ({ path, value }) =>
                `${path}: got ${shown(value)}; prod limits what each part may take: ` +
                "set limits in the stack's configuration, or in components/service/bounds.ts",
        );
};
