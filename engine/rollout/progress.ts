import type { Time } from "../../common/time";

/** Tells whether tasks still come to run. The limit is for each further task, so any number of tasks may come. */
export class Progress {
    private most = 0;
    private since: number;

    /** @param limitSeconds seconds in which a further task must come to run */
    constructor(
        private readonly limitSeconds: number,
        private readonly now: Time["now"],
    ) {
        this.since = now();
    }

    /** Notes the number of tasks that run, and tells whether no further task came to run within the limit. */
    isLate(running: number): boolean {
        if (running > this.most) {
            this.most = running;
            this.since = this.now();
        }
        return this.now() - this.since > this.limitSeconds * 1000;
    }
}
