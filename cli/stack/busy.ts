/** Work during which a stack's registry must not be exchanged or pruned: a training run, a retraining, an update. */
import { mistake } from "../../common/mistake";
import { selector, tasksOf } from "../../components/stack/deployment";
import { RETRAINING_ROLE } from "../../components/observing/retraining";
import { TRAINING_ROLE } from "../../components/training/trainingPlan";
import { isConflict, isNotFound } from "../../engine/client";
import { runningContainer } from "../../engine/streams/insideHttp";
import type { Place } from "./target";

/** The end of the command line of any trainer's run. */
const RUN = /\s-m\s+\S+\.train(\s|$)/;

/** @throws Mistake when a model is being trained for the stack */
export async function refuseWhileTraining(target: Place): Promise<void> {
    const training = await runningContainer(target.engine, selector(target, TRAINING_ROLE));
    const what =
        training !== undefined ? "a training run" : (await retrains(target)) ? "a retraining" : undefined;
    if (what !== undefined) {
        throw mistake(`Stack ${target.stack}: ${what} is under way; wait for its end. Nothing was changed.`);
    }
}

/** Whether the retraining service runs a trainer. The trainer is a process in the service's container. */
async function retrains(target: Place): Promise<boolean> {
    const container = await runningContainer(target.engine, tasksOf(target, RETRAINING_ROLE));
    if (container === undefined) {
        return false;
    }
    try {
        const { Processes } = (await target.engine.getContainer(container).top()) as {
            Processes: string[][];
        };
        return Processes.some((process) => RUN.test(process.join(" ")));
    } catch (error) {
        // The container has just ended.
        if (isNotFound(error) || isConflict(error)) {
            return false;
        }
        throw error;
    }
}
