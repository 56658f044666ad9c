import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";

import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import type Docker from "dockerode";
import { SMTPServer } from "smtp-server";

/** Through this bridge, an engine's tasks reach this machine. */
const BRIDGE = "docker_gwbridge";

/** A message of Alertmanager, with its time. */
export interface Message {
    title: string;
    text: string;
    at: number;
}

/** The longest time between an event and its message. */
const PROMPT_MS = 90_000;
const POLL_MS = 500;

type Status = "FIRING" | "RESOLVED";

/** Messages of an alert that fires or is resolved. */
export function told(messages: Message[], alert: string, status: Status): Message[] {
    return messages.filter(({ title }) => title.startsWith(`[${status}`) && title.endsWith(`: ${alert}`));
}

/** Checks that each way reports an alert once, in under 90 s. */
export async function isTold(
    ways: { messages: Message[] }[],
    alert: string,
    status: Status,
    since: number,
): Promise<void> {
    for (const { messages } of ways) {
        while (told(messages, alert, status).length === 0) {
            expect(Date.now() - since, `${alert} ${status} within 90 s`).to.be.lessThan(PROMPT_MS);
            await sleep(POLL_MS);
        }
        expect(told(messages, alert, status), `${alert} ${status}`).to.have.length(1);
    }
}

/** This machine's address for the tasks of a local engine. */
export async function hostAddress(docker: Docker): Promise<string> {
    const network = (await docker.getNetwork(BRIDGE).inspect()) as {
        IPAM: { Config: { Gateway: string }[] };
    };
    return network.IPAM.Config[0]!.Gateway;
}

/** Accepts the posts to a Slack webhook, and can be away for a while. */
export class SlackReceiver {
    readonly messages: Message[] = [];
    private server!: Server;
    private port = 0;

    constructor(private readonly host: string) {}

    get url(): string {
        return `http://${this.host}:${this.port}/services/T0/B0/secret`;
    }

    /** Listens on the same port as before, if there was one. It answers after a while. */
    async start(delayMs = 0): Promise<void> {
        this.server = createServer((request, response) => {
            const chunks: Buffer[] = [];
            request.on("data", (chunk: Buffer) => chunks.push(chunk));
            request.on("end", () => {
                const body = JSON.parse(Buffer.concat(chunks).toString()) as {
                    attachments: { title: string; text: string }[];
                };
                this.messages.push(...body.attachments.map((it) => ({ ...it, at: Date.now() })));
                setTimeout(() => response.end("ok"), delayMs);
            });
        });
        await new Promise<void>((resolve) => this.server.listen(this.port, this.host, resolve));
        this.port = (this.server.address() as AddressInfo).port;
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }
}

/** A mail server that accepts everything after a login with the password. */
export class MailReceiver {
    readonly messages: Message[] = [];
    port = 0;
    private readonly server: SMTPServer;

    constructor(
        readonly host: string,
        readonly login: { username: string; password: string },
    ) {
        this.server = new SMTPServer({
            allowInsecureAuth: true,
            closeTimeout: 1000,
            disabledCommands: ["STARTTLS"],
            onAuth: (auth, _session, done) =>
                auth.username === login.username && auth.password === login.password
                    ? done(null, { user: login.username })
                    : done(new Error("wrong password")),
            onData: (stream, _session, done) => {
                const chunks: Buffer[] = [];
                stream.on("data", (chunk: Buffer) => chunks.push(chunk));
                stream.on("end", () => {
                    // In quoted-printable, a line that continues ends with "=".
                    const text = Buffer.concat(chunks).toString().replace(/=\r\n/g, "");
                    const title = /^Subject: (.*)$/m.exec(text)?.[1]?.trim() ?? "";
                    this.messages.push({ title, text, at: Date.now() });
                    done();
                });
            },
        });
    }

    async start(): Promise<void> {
        await new Promise<void>((resolve) => this.server.listen(0, this.host, resolve));
        this.port = (this.server.server.address() as AddressInfo).port;
    }

    async stop(): Promise<void> {
        await new Promise<void>((resolve) => this.server.close(() => resolve()));
    }
}
