import { type Healthcheck, PLATFORM_START_SECONDS } from "./healthcheck";

/** What a service of the platform that has one task declares alike. */
export interface OneAtATime {
    replicas: 1;
    healthcheck: Healthcheck;
    order: "stop-first";
}

/**
 * One task, which ends before the next one begins. Two of them would write one store, hold one port of the host, or
 * start one run twice. To be without it for some seconds is no outage of predictions.
 *
 * @param test a command that exits 0 when the task can do its work
 * @param startSeconds how long it may take until then
 */
export function oneAtATime(test: string[], startSeconds = PLATFORM_START_SECONDS): OneAtATime {
    return { replicas: 1, healthcheck: { test, startSeconds }, order: "stop-first" };
}
