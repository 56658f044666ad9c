import { request } from "node:https";
import { networkInterfaces } from "node:os";
import { connect, type TLSSocket } from "node:tls";
import { connect as connectPlain, type Socket } from "node:net";

/** More connections than one of HAProxy's ports had room for. */
const HALF_OPEN = 4200;
/** Those of them that have ended their handshake, and send half a request. The others send nothing. */
const HANDSHAKES = 200;
const LARGE_BODY = 500 * 1024 * 1024;
const LARGE_HEADER = 1024 * 1024;
const HELD_MS = 5000;

/** The outcome of a flood. */
export interface Flooded {
    /** The connections that were tried. */
    tried: number;
    /** The connections that stayed open. */
    held: number;
    /** The status of the answers, or "cut". */
    bodyStatus: string;
    headerStatus: string;
}

/** An address of this machine that is not its loopback. For the gateway, its clients are not the machine itself. */
function outerAddress(): string {
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const found = all.find(({ family, internal }) => family === "IPv4" && !internal);
    if (found === undefined) {
        throw new Error("this machine has no IPv4 address besides its loopback");
    }
    return found.address;
}

/** A client that means harm, to one port of this machine, for some seconds. */
export class Flood {
    constructor(
        private readonly api: URL,
        private readonly certificate: string,
    ) {}

    async run(): Promise<Flooded> {
        const sockets: Socket[] = [];
        for (let at = 0; at < HALF_OPEN; at += 1) {
            sockets.push(await this.open(outerAddress(), Number(this.api.port), at < HANDSHAKES));
        }
        const [bodyStatus, headerStatus] = await Promise.all([
            this.send("POST", LARGE_BODY),
            this.send("GET", 0, LARGE_HEADER),
            new Promise((resolve) => setTimeout(resolve, HELD_MS)),
        ]);
        const held = sockets.filter((socket) => !socket.closed).length;
        sockets.forEach((socket) => socket.destroy());
        return { tried: sockets.length, held, bodyStatus, headerStatus };
    }

    private open(host: string, port: number, shakes: boolean): Promise<Socket> {
        return new Promise((resolve) => {
            const opened = (): void => {
                if (shakes) {
                    socket.write(`POST /predict HTTP/1.1\r\nHost: ${this.api.host}\r\nContent-Le`);
                }
                resolve(socket);
            };
            const socket: Socket | TLSSocket = shakes
                ? connect({ host, port, ca: this.certificate, servername: this.api.hostname }, opened)
                : connectPlain({ host, port }, opened);
            // Only who reads notices the end of a connection.
            socket.resume();
            // A connection over the limit is cut, which is no fault.
            socket.on("error", () => resolve(socket));
        });
    }

    /** Sends a large body, or a large header, to the open path. */
    private send(method: string, bytes: number, header = 0): Promise<string> {
        return new Promise((resolve) => {
            const headers = {
                ...(bytes > 0 ? { "content-length": bytes } : {}),
                ...(header > 0 ? { "x-large": "x".repeat(header) } : {}),
            };
            const url = new URL("/health", this.api);
            const sent = request(url, { method, headers, ca: this.certificate, agent: false }, (answer) => {
                resolve(String(answer.statusCode));
                answer.resume();
                sent.destroy();
            });
            sent.on("error", () => resolve("cut"));
            const chunk = Buffer.alloc(1024 * 1024);
            let left = bytes;
            const more = (): void => {
                while (left > 0) {
                    left -= chunk.length;
                    if (!sent.write(chunk)) {
                        sent.once("drain", more);
                        return;
                    }
                }
                sent.end();
            };
            more();
        });
    }
}
