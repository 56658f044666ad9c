import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type Docker from "dockerode";

/** An address that answers only `info`. It passes the real engine's answer on with a change. */
export async function proxyOfEngine(
    engine: Docker,
    change: (info: Record<string, unknown>) => Record<string, unknown>,
): Promise<{ address: string; close: () => void }> {
    const server = createServer((request, response) => {
        if (!request.url?.endsWith("/info")) {
            response.writeHead(501).end();
            return;
        }
        engine
            .info()
            .then((info) => response.end(JSON.stringify(change(info as Record<string, unknown>))))
            .catch((error: unknown) => response.writeHead(502).end(String(error)));
    });
    await new Promise<void>((listening) => {
        server.listen(0, "127.0.0.1", () => listening());
    });
    const { port } = server.address() as AddressInfo;
    return { address: `tcp://127.0.0.1:${port}`, close: () => server.close() };
}
