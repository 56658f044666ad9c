import { list, shown, UNKNOWN } from "../declared";
import { isExempt } from "../exemptions";
import type { Rule } from "../rule";
import { taskOf } from "../tasks";

/** Refuses a task that keeps some of the rights that the engine gives to each container. */
export const droppedCapabilities: Rule = (declared) => {
    const dropped = taskOf(declared)?.dropped;
    if (dropped === undefined || dropped.value === UNKNOWN || list(dropped.value).includes("ALL")) {
        return [];
    }
    if (isExempt("dropped-capabilities", declared, shown(dropped.value))) {
        return [];
    }
    return [
        `${dropped.path}: got ${shown(dropped.value)}; no task here needs a capability: drop ALL ` +
            "(components/service/confinement.ts)",
    ];
};

/** Refuses a task that can change the files of its image. */
export const readOnlyRoot: Rule = (declared) => {
    const root = taskOf(declared)?.readOnlyRoot;
    if (root === undefined || root.value === UNKNOWN || root.value === true) {
        return [];
    }
    if (isExempt("read-only-root", declared, shown(root.value))) {
        return [];
    }
    return [
        `${root.path}: got ${shown(root.value)}; set it to true, and mount what the task writes to ` +
            "(components/service/mounts.ts)",
    ];
};
