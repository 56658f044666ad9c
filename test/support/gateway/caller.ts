import { Agent, request } from "node:https";

/** Milliseconds after which a request counts as failed. */
const TIMEOUT_MS = 30_000;
const CONNECTIONS = 8;

/** The outputs of a stack with TLS. */
export interface Secured {
    apiUrl: string;
    mlflowUrl: string;
    prometheusUrl: string;
    alertmanagerUrl: string;
    certificate: string;
    passwords: Record<string, string>;
}

/** An answer to a request. */
export interface Answer {
    status: number;
    headers: Record<string, string | string[] | undefined>;
    body: string;
}

export interface Asked {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
    /** The connections to use; by default a connection of its own. */
    agent?: Agent;
}

/** A user of a stack with TLS. It trusts one certificate and no other. */
export class Caller {
    constructor(
        private readonly certificate: () => string,
        private readonly authorization: string | undefined,
        /** The name in the certificate; by default the host in the address. */
        private readonly servername?: string,
    ) {}

    /** With a name and a password. */
    static of(certificate: () => string, user: string, password: string, servername?: string): Caller {
        const credentials = Buffer.from(`${user}:${password}`).toString("base64");
        return new Caller(certificate, `Basic ${credentials}`, servername);
    }

    /** Connections that stay open between requests. */
    connections(maxSockets = CONNECTIONS): Agent {
        return new Agent({ keepAlive: true, maxSockets });
    }

    /** @throws Error when no answer comes, or the certificate is not the trusted one */
    ask(url: string, { method = "GET", headers = {}, body, agent }: Asked = {}): Promise<Answer> {
        // For DELETE, Node would send a body without its length.
        const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
        const authorization = this.authorization === undefined ? {} : { authorization: this.authorization };
        return new Promise((resolve, reject) => {
            const sent = request(
                url,
                {
                    method,
                    ca: this.certificate(),
                    ...(this.servername === undefined ? {} : { servername: this.servername }),
                    headers: { ...authorization, ...length, ...headers },
                    timeout: TIMEOUT_MS,
                    agent: agent ?? false,
                },
                (answer) => {
                    const chunks: Buffer[] = [];
                    answer.on("data", (chunk: Buffer) => chunks.push(chunk));
                    answer.on("error", reject);
                    answer.on("end", () =>
                        resolve({
                            status: answer.statusCode ?? 0,
                            headers: answer.headers,
                            body: Buffer.concat(chunks).toString(),
                        }),
                    );
                },
            );
            sent.on("error", reject);
            sent.on("timeout", () => sent.destroy(new Error(`${url}: no answer in ${TIMEOUT_MS} ms`)));
            sent.end(body);
        });
    }

    /**
     * Asks for predictions on eight connections while work is under way.
     *
     * @param api the API's address
     * @param body the body of a prediction
     * @returns the result of the work, the number of answers, and what failed
     */
    async during<T>(
        work: Promise<T>,
        api: string,
        body: string,
    ): Promise<{ result: T; answers: number; failures: string[] }> {
        const agent = this.connections();
        const failures: string[] = [];
        let answers = 0;
        let done = false;
        const end = (): void => void (done = true);
        work.then(end, end);
        const headers = { "content-type": "application/json" };
        const connection = async (): Promise<void> => {
            while (!done) {
                try {
                    const { status, body: text } = await this.ask(`${api}/predict`, {
                        ...{ method: "POST", headers, body, agent },
                    });
                    answers += 1;
                    if (status !== 200) {
                        failures.push(`${new Date().toISOString()} ${status} ${text.slice(0, 200)}`);
                    }
                } catch (error) {
                    failures.push(`${new Date().toISOString()} ${String(error)}`);
                }
            }
        };
        await Promise.all(Array.from({ length: CONNECTIONS }, connection));
        agent.destroy();
        return { result: await work, answers, failures };
    }
}
