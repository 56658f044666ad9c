import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";

import type Docker from "dockerode";

const DISK_USE = /\/system\/df(\?|$)/;

/**
 * An address of the real engine that shows only the given images. A test must not prune images to which a user's
 * stacks may go back.
 */
export async function engineWithImages(
    { modem }: Docker,
    isKnown: (tag: string) => boolean,
): Promise<{ address: string; close: () => void }> {
    // The client's types do not have this.
    const socketPath = await (modem as unknown as { getSocketPath: () => Promise<string> }).getSocketPath();
    const server = createServer((asked, answer) => {
        const { method, url, headers } = asked;
        const passed = request({ socketPath, method, path: url, headers }, (response) => {
            if (!DISK_USE.test(url ?? "")) {
                answer.writeHead(response.statusCode!, response.headers);
                response.pipe(answer);
                return;
            }
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("end", () => {
                const use = JSON.parse(Buffer.concat(chunks).toString()) as { Images: Docker.ImageInfo[] };
                const Images = use.Images.filter(({ RepoTags }) => RepoTags?.some(isKnown));
                answer.writeHead(response.statusCode!, { "content-type": "application/json" });
                answer.end(JSON.stringify({ ...use, Images }));
            });
        });
        passed.once("error", (error) => answer.writeHead(502).end(String(error)));
        asked.pipe(passed);
    });
    // An engine turns the connection itself into the streams of a command in a container.
    server.on("upgrade", ({ method, url, rawHeaders }, client, head) => {
        const engine = connect(socketPath, () => {
            const headers = rawHeaders.flatMap((it, at) =>
                at % 2 === 0 ? [`${it}: ${rawHeaders[at + 1]}`] : [],
            );
            engine.write([`${method} ${url} HTTP/1.1`, ...headers, "", ""].join("\r\n"));
            engine.write(head);
            client.pipe(engine).pipe(client);
        });
        engine.once("error", () => client.destroy());
        client.once("error", () => engine.destroy());
    });
    await new Promise<void>((listening) => {
        server.listen(0, "127.0.0.1", () => listening());
    });
    const { port } = server.address() as AddressInfo;
    return { address: `tcp://127.0.0.1:${port}`, close: () => void server.close().closeAllConnections() };
}
