import { createServer } from "node:http";
import { join } from "node:path";

/** A fake engine's answers by path, without the API's version: JSON, or nothing. */
export type Answers = Readonly<Record<string, unknown>>;

/** Instead of an answer: the request is accepted, and nothing ever comes back. */
export const HANGS = Symbol("hangs");

/** Serves an engine's API on a socket in `folder` while `work` runs with its address. */
export async function withFakeEngine<T>(
    folder: string,
    answers: Answers,
    work: (host: string) => Promise<T>,
): Promise<T> {
    const server = createServer((request, response) => {
        const path = new URL(request.url ?? "/", "http://engine").pathname.replace(/^\/v\d+\.\d+/, "");
        const answer = answers[path];
        if (answer === HANGS) {
            return;
        }
        response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
        response.end(JSON.stringify(answer ?? { message: `no ${path}` }));
    });
    const socket = join(folder, "engine.sock");
    await new Promise<void>((listening) => {
        server.listen(socket, listening);
    });
    try {
        return await work(`unix://${socket}`);
    } finally {
        server.closeAllConnections();
        server.close();
    }
}
