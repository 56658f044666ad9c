/** What a stack's registry must not be exchanged or pruned under: a training run, a retraining, an update. */
import { mistake } from "../../common/mistake";
import { selector, tasksOf } from "../../components/stack/deployment";
import { RETRAINING_ROLE } from "../../components/observing/retraining";
import { TRAINING_ROLE } from "../../components/training/trainingPlan";
import { isConflict, isNotFound } from "../../engine/client";
import { runningContainer } from "../../engine/streams/insideHttp";
import type { Place } from "./target";

/** Ends the command line of a trainer's run, whichever trainer it is. */
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

/** Whether the retraining service is running a trainer, which is a process of its own container. */
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
        // It has just ended.
        if (isNotFound(error) || isConflict(error)) {
            return false;
        }
        throw error;
    }
}
