import { shown } from "../declared";
import { isExempt } from "../exemptions";
import type { Rule } from "../rule";
import { type Place, taskOf } from "../tasks";

/** Refuses a task without limits in prod. */
export const prodLimits: Rule = (declared, { environment }) => {
    const task = taskOf(declared);
    if (task === undefined || environment !== "prod") {
        return [];
    }
    return [task.cpus, task.memory]
        .filter(isUnlimited)
        .map(
            ({ path, value }) =>
                `${path}: got ${shown(value)}; prod limits what each part may take: ` +
                "set limits in the stack's configuration, or in components/service/bounds.ts",
        );
};

/** Refuses a task without a limit of memory in the other environments, which share an engine with each other. */
export const memoryLimits: Rule = (declared, { environment }) => {
    const task = taskOf(declared);
    if (task === undefined || environment === "prod" || !isUnlimited(task.memory)) {
        return [];
    }
    const { path, value } = task.memory;
    return isExempt("memory-limits", declared, shown(value))
        ? []
        : [`${path}: got ${shown(value)}; give the part a limit in components/service/bounds.ts`];
};

function isUnlimited({ value }: Place): boolean {
    return value === undefined || value === 0;
}
