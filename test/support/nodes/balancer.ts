import { expect } from "chai";

import { Asking } from "../asking";

/** A gateway that does not answer for this long is taken for gone. A power cut resets no connection. */
const ATTEMPT_MS = 2_000;
/** A request without an answer from any gateway for this long has failed. */
const PATIENCE_MS = 10_000;
/** A gateway that was gone is left alone for this long. */
const AWAY_MS = 2_000;
const PAUSE_MS = 20;
/** The requests that are under way at the same time. */
const AT_ONCE = 4;
const OK = 200;

/** The gateways of a stack. */
export interface Gateways {
    readonly hosts: readonly string[];
    readonly port: number;
    readonly username: string;
    readonly password: string;
}

/** What became of the requests during some work. */
export interface Balanced {
    readonly asked: number;
    /** The attempts after which another gateway was asked. */
    readonly retried: number;
}

/**
 * A client that does what a load balancer before several gateways does: if one is gone or resets the connection, it asks
 * another one. What a gateway answers, it passes on.
 */
export class Balancer {
    private turn = 0;
    private retried = 0;
    private readonly awayUntil = new Map<string, number>();

    constructor(private readonly gateways: Gateways) {}

    /** The answer of one gateway. */
    async at(host: string, path: string, init: RequestInit = {}): Promise<Response> {
        const { username, password, port } = this.gateways;
        const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
        const headers = { authorization, "content-type": "application/json" };
        const signal = AbortSignal.timeout(ATTEMPT_MS);
        return fetch(`http://${host}:${port}${path}`, { ...init, headers, signal });
    }

    /** The version that answers a prediction at one gateway. */
    async versionAt(host: string): Promise<string> {
        const body = await (await this.at(host, "/sample")).text();
        const response = await this.at(host, "/predict", { method: "POST", body });
        const text = await response.text();
        expect(response.status, text).to.equal(OK);
        return (JSON.parse(text) as { version: string }).version;
    }

    /** Asks for predictions while work is under way. None may fail. */
    async during<T>(work: () => Promise<T>): Promise<Balanced & { readonly result: T }> {
        const body = await this.passed(async (host) => (await this.at(host, "/sample")).text());
        this.retried = 0;
        const asking = new Asking(() => this.predict(body), PAUSE_MS, AT_ONCE);
        try {
            const result = await work();
            return { asked: asking.asked, retried: this.retried, result };
        } finally {
            await asking.end();
            expect(asking.failures, `predictions of ${asking.asked} that failed`).to.deep.equal([]);
        }
    }

    private async predict(body: string): Promise<void> {
        const [status, text] = await this.passed(async (host) => {
            const response = await this.at(host, "/predict", { method: "POST", body });
            return [response.status, await response.text()] as const;
        });
        if (status !== OK) {
            throw new Error(`${status}: ${text}`);
        }
    }

    /** The first answer of a gateway. */
    private async passed<T>(ask: (host: string) => Promise<T>): Promise<T> {
        const deadline = Date.now() + PATIENCE_MS;
        for (;;) {
            const host = this.next();
            try {
                return await ask(host);
            } catch (error) {
                this.awayUntil.set(host, Date.now() + AWAY_MS);
                if (Date.now() > deadline) {
                    throw new Error(`${host}: ${String(error)}: ${String((error as Error).cause)}`);
                }
                this.retried += 1;
            }
        }
    }

    /** The gateways take turns, but for those that are away. If all are, one of them is asked nevertheless. */
    private next(): string {
        const { hosts } = this.gateways;
        const now = Date.now();
        const there = hosts.filter((host) => (this.awayUntil.get(host) ?? 0) < now);
        const choice = there.length > 0 ? there : hosts;
        this.turn += 1;
        return choice[this.turn % choice.length]!;
    }
}
