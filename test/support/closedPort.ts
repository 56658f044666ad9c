import { type AddressInfo, createServer } from "node:net";

/** A port that this machine gave a moment ago, and on which nobody listens now. */
export async function closedPort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((listens) => {
        server.listen(0, "0.0.0.0", listens);
    });
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    return port;
}
