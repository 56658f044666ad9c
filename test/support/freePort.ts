import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * A port on which nobody listens. No system gives such a port to outgoing connections, so none can take it before the
 * stack does. There are many such ports, because suites run side by side.
 */
export async function freePort(): Promise<number> {
    for (;;) {
        const port = randomInt(20_000, 32_000);
        if (await isFree(port)) {
            return port;
        }
    }
}

function isFree(port: number): Promise<boolean> {
    return new Promise((resolvePromise) => {
        const server = createServer();
        server.once("error", () => resolvePromise(false));
        server.listen(port, "0.0.0.0", () => server.close(() => resolvePromise(true)));
    });
}
