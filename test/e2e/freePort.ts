import { createServer } from "node:net";

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
    return new Promise((resolvePromise, reject) => {
        const server = createServer();
        server.once("error", reject);
        server.listen(0, "0.0.0.0", () => {
            const address = server.address();
            server.close(() => resolvePromise(typeof address === "object" && address ? address.port : 0));
        });
    });
}
