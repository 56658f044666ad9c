import type Docker from "dockerode";

import { ownTime, type Time } from "../../common/time";

/** The engine's clock, in milliseconds since the epoch. This machine's may differ from it by days. */
export type EngineClock = () => number;

const clocks = new WeakMap<Docker, Promise<EngineClock>>();

/**
 * The clock that the engine's times are compared with. It is asked for once; from
 * then on the time that has passed here is added, by a clock that nobody sets.
 */
export function engineClock(engine: Docker, now: Time["now"] = ownTime.now): Promise<EngineClock> {
    const known = clocks.get(engine) ?? read(engine, now);
    clocks.set(engine, known);
    return known;
}

async function read(engine: Docker, now: Time["now"]): Promise<EngineClock> {
    const asked = now();
    const { SystemTime } = (await engine.info()) as { SystemTime: string };
    // The engine looked at its clock somewhere between the question and the answer.
    const ahead = Date.parse(SystemTime) - (asked + now()) / 2;
    return () => now() + ahead;
}
