import { setTimeout as sleep } from "node:timers/promises";

/** A request that failed. */
export interface Failure {
    /** By this machine's clock, in milliseconds. */
    readonly at: number;
    readonly why: string;
}

/** Asks again and again, and goes on after a failure. */
export class Asking {
    readonly failures: Failure[] = [];
    asked = 0;
    private isOver = false;
    private readonly connections: Promise<unknown>;

    /**
     * @param pauseMs milliseconds between two requests of a connection
     * @param atOnce the connections
     */
    constructor(
        private readonly ask: () => Promise<unknown>,
        private readonly pauseMs: number,
        atOnce = 1,
    ) {
        this.connections = Promise.all(Array.from({ length: atOnce }, () => this.connection()));
    }

    /** Asks no more, and waits for the answers. */
    async end(): Promise<void> {
        this.isOver = true;
        await this.connections;
    }

    private async connection(): Promise<void> {
        while (!this.isOver) {
            this.asked += 1;
            await this.ask().catch((error: unknown) =>
                this.failures.push({ at: Date.now(), why: String(error) }),
            );
            await sleep(this.pauseMs);
        }
    }
}
