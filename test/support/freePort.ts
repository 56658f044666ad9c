import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * A port that nothing listens on. It is one of those that no system gives to connections going out, of which one would
 * have it by the time that a stack asks for it; and one of many, for suites run side by side.
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
