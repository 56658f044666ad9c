import { connect, createServer, type Server, type Socket } from "node:net";

/** Passes connections on to a port of the same address, and can be away for a while: then it refuses them. */
export class Relay {
    private readonly sockets = new Set<Socket>();
    private server: Server | undefined;

    constructor(
        private readonly address: string,
        private readonly port: number,
        /** Whoever answers. */
        private readonly behind: number,
    ) {}

    /** Listens, now or again. */
    async start(): Promise<void> {
        const server = createServer((near) => {
            const far = connect(this.behind, this.address);
            for (const [one, other] of [
                [near, far],
                [far, near],
            ] as const) {
                this.sockets.add(one);
                one.on("error", () => other.destroy());
                one.on("close", () => {
                    this.sockets.delete(one);
                    other.destroy();
                });
                one.pipe(other);
            }
        });
        this.server = server;
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject);
            server.listen(this.port, this.address, resolve);
        });
    }

    /** Ends all connections, and takes no new ones. */
    async stop(): Promise<void> {
        const { server } = this;
        this.server = undefined;
        this.sockets.forEach((socket) => socket.destroy());
        await new Promise<void>((resolve) => {
            if (server === undefined) {
                resolve();
            } else {
                server.close(() => resolve());
            }
        });
    }
}
