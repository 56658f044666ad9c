/** Requests to programs of this machine. */
import { type AddressInfo, createServer } from "node:net";
import { type Patience, waitFor } from "../../common/time";
import { type InsideResponse, NoAnswer, orNoAnswer, type Sender } from "../../engine/streams/insideHttp";
import { messageOf } from "../terminal/steps";
import type { Running } from "./programs";

const SECONDS = 30;

/** An answer with its headers. */
export interface Answer extends InsideResponse {
    readonly headers: Headers;
}

export interface LocalSender extends Sender {
    /** The answer, of a GET unless told otherwise; undefined when there is none. */
    tryRequest(url: string, init?: RequestInit): Promise<Answer | undefined>;
}

/**
 * Sends requests from this machine.
 *
 * @param places the address that an address of a stack's network stands for
 */
export function localSender(places: Readonly<Record<string, string>> = {}): LocalSender {
    const at = (url: string): string => {
        const place = Object.keys(places).find((it) => url.startsWith(it));
        return place === undefined ? url : places[place]! + url.slice(place.length);
    };
    return {
        request: async ({ method = "GET", url, json, seconds = SECONDS }) =>
            answerOf(at(url), {
                method,
                signal: AbortSignal.timeout(seconds * 1000),
                ...(json === undefined
                    ? {}
                    : { headers: { "content-type": "application/json" }, body: JSON.stringify(json) }),
            }),
        tryRequest: (url, init) =>
            orNoAnswer(answerOf(at(url), { ...init, signal: AbortSignal.timeout(SECONDS * 1000) })),
    };
}

async function answerOf(url: string, init: RequestInit): Promise<Answer> {
    try {
        // A kept connection would be the one on which a service that ends answers last.
        const response = await fetch(url, {
            ...init,
            headers: { ...(init.headers as Record<string, string> | undefined), connection: "close" },
        });
        return { status: response.status, body: await response.text(), headers: response.headers };
    } catch (error) {
        const cause = error instanceof Error ? error.cause : undefined;
        throw new NoAnswer(`${init.method ?? "GET"} ${url}: ${messageOf(cause ?? error)}`);
    }
}

/** Whether a program answers with 200 before its time is up, and before it ends. */
export async function answers(running: Running, url: string, patience: Patience): Promise<boolean> {
    const http = localSender();
    const look = async (): Promise<true | undefined> =>
        running.isOver() || (await http.tryRequest(url))?.status === 200 || undefined;
    return (await waitFor(look, patience)) !== undefined && !running.isOver();
}

/** A port of this machine on which nobody listens. */
export async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    return port;
}
