import type Docker from "dockerode";

import { ownTime, type Time } from "../../common/time";

/** The engine's clock, in milliseconds since the epoch. The clock of this machine may differ from it by days. */
export type EngineClock = () => number;

const clocks = new WeakMap<Docker, Promise<EngineClock>>();

/**
 * The clock to compare with the engine's times. The engine is asked once. After that, a
 * monotonic clock of this machine adds the time that passes.
 */
export function engineClock(engine: Docker, now: Time["now"] = ownTime.now): Promise<EngineClock> {
    const known = clocks.get(engine) ?? read(engine, now);
    clocks.set(engine, known);
    return known;
}

async function read(engine: Docker, now: Time["now"]): Promise<EngineClock> {
    const asked = now();
    const { SystemTime } = (await engine.info()) as { SystemTime: string };
    // The engine read its clock at some time between the question and the answer.
    const ahead = Date.parse(SystemTime) - (asked + now()) / 2;
    return () => now() + ahead;
}
