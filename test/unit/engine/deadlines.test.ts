import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";

import { expect } from "chai";
import Docker from "dockerode";

import { connect } from "../../../engine/client";
import { withDeadlines } from "../../../engine/deadlines";
import { HANGS, withFakeEngine } from "../../support/engine/fakeEngine";
import { temporaryFolder } from "../../support/temporaryFolder";

const SECONDS = 0.1;

describe("a request to the engine", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    const asked: [string, (engine: Docker) => Promise<unknown>, string][] = [
        ["about itself", (engine) => engine.info(), "GET /info"],
        ["about a service", (engine) => engine.getService("s").inspect(), "GET /services/s"],
        ["for a list", (engine) => engine.listTasks({ filters: "{}" }), "GET /tasks"],
        ["for a log", (engine) => engine.getContainer("c").logs({ follow: true }), "GET /containers/c/logs"],
    ];
    for (const [what, ask, path] of asked) {
        it(`ends with a message where the engine hangs: ${what}`, async () => {
            const answers = { [path.slice("GET ".length)]: HANGS };
            const message = await withFakeEngine(folder, answers, async (host) => {
                const engine = withDeadlines(
                    new Docker({ socketPath: host.slice("unix://".length) }),
                    SECONDS,
                );
                return ask(engine).catch((error: Error) => error.message);
            });
            expect(message).to.equal(`the Docker engine did not answer ${path} within 0.1 s; it hangs`);
        });
    }

    /** The outcome of a request to an engine that always gives this answer. */
    const answered = async (
        answer: (response: ServerResponse) => void,
        ask: (engine: Docker) => Promise<unknown>,
    ) => {
        const server = createServer((_request, response) => answer(response));
        const socketPath = join(folder, "own.sock");
        await new Promise<void>((listening) => {
            server.listen(socketPath, listening);
        });
        try {
            return await ask(withDeadlines(new Docker({ socketPath }), SECONDS));
        } finally {
            server.closeAllConnections();
            server.close();
        }
    };
    const start = (response: ServerResponse) =>
        response.writeHead(200, { "content-type": "application/json" }).write('{"Name": ');

    it("ends with a message where the answer breaks off", async () => {
        const message = await answered(
            (response) => {
                start(response);
                setImmediate(() => response.destroy());
            },
            (engine) => engine.info().catch((error: Error) => error.message),
        );
        expect(message).to.match(/did not answer GET \/info within|aborted|hang up/);
    });

    it("that waits for the end of a container may take any time", async () => {
        const late = (response: ServerResponse) =>
            void setTimeout(() => response.writeHead(200).end('{"StatusCode": 3}'), SECONDS * 3000);
        const end = await answered(late, (engine) => engine.getContainer("c").wait());
        expect(end).to.deep.equal({ StatusCode: 3 });
    });

    it("is bounded by the client that the program uses", async () => {
        const own = (engine: Docker) => Object.hasOwn(engine.modem, "dial");
        expect(own(new Docker())).to.equal(false);
        expect(own(await connect("unix:///nowhere.sock"))).to.equal(true);
    });
});
