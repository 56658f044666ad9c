import { type Healthcheck, PLATFORM_START_SECONDS } from "./healthcheck";

/** The common declarations of the platform's services with one task. */
export interface OneAtATime {
    replicas: 1;
    healthcheck: Healthcheck;
    order: "stop-first";
}

/**
 * One task, which ends before the next one begins. Two tasks would write to one store, hold one port of
 * the host, or start one run twice. Predictions go on while such a service is missing for some seconds.
 *
 * @param test a command that exits 0 when the task can do its work
 * @param startSeconds the seconds that the task may take until then
 */
export function oneAtATime(test: string[], startSeconds = PLATFORM_START_SECONDS): OneAtATime {
    return { replicas: 1, healthcheck: { test, startSeconds }, order: "stop-first" };
}
