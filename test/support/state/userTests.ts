import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

import { expect } from "chai";

import { eventually, succeeds } from "../expectations";
import type { Client } from "../stack/client";
import type { TestStack } from "../stack/stack";
import type { Ended } from "../stack/types";

const CONNECTIONS = 8;

/** Tests of the users of a stack that is up and has only its owner. In the end it has only its owner again. */
export function userTests(given: { stackOf: () => TestStack; clientOf: () => Client }): void {
    describe("a stack's users", () => declare(given));
}

function declare({ stackOf, clientOf }: Parameters<typeof userTests>[0]): void {
    const run = (name: string, ...args: string[]) =>
        stackOf().script(name, ...args, "--stack", stackOf().name);
    /** Asks for predictions over several connections while a command runs. None may fail. */
    const lossless = async (work: Promise<Ended>) => {
        const askers = Array.from({ length: CONNECTIONS }, () => clientOf().servesDuring(work));
        const [ended] = await Promise.all(askers);
        succeeds(ended!);
        return ended!.output;
    };
    const passwords = async () => (await stackOf().outputs()).passwords;
    /**
     * A request of the user ci, with the password alone, on a connection of its own: on one that was open before an
     * update, the tasks from before it answer once more.
     */
    const asCi = async (password: string | undefined, url: string, body?: string) => {
        const sent = request(url, {
            agent: false,
            method: body === undefined ? "GET" : "POST",
            headers: { authorization: `Bearer ${password}`, "content-type": "application/json" },
        });
        sent.end(body);
        const [answer] = (await once(sent, "response")) as [IncomingMessage];
        return { status: answer.statusCode, body: await text(answer) };
    };

    it("have one more who may predict and nothing else, while no prediction is lost", async () => {
        const { apiUrl, mlflowUrl, passwords: before } = await clientOf().refresh();
        const said = await lossless(run("user", "add", "ci", "--role", "caller", "--yes"));
        const after = await passwords();
        expect(after).to.deep.equal({ ...before, ci: after.ci });
        expect(said).not.to.include(after.ci);
        const { body: sample } = await asCi(after.ci, `${apiUrl}/sample`);
        expect((await asCi(after.ci, `${apiUrl}/predict`, sample)).status).to.equal(200);
        const refused = await asCi(after.ci, `${mlflowUrl}/api/2.0/mlflow/runs/create`, "{}");
        expect(refused).to.deep.equal({
            status: 403,
            body: "403: ci has the role caller. This needs the role admin.\n",
        });
        const listed = await run("user", "list");
        expect(listed.output).to.match(/ci +caller +made by the stack$/m);
        succeeds(listed);
        succeeds(await stackOf().preview("--expect-no-changes"));
    });

    it("get a new password one by one, and whoever follows the log sees the old and the new tasks", async () => {
        const [stack, { apiUrl }, before] = [stackOf(), clientOf().outputs, await passwords()];
        const following = stack.startScript("logs", "--follow", "--user", "ci", "--stack", stack.name);
        let seen = "";
        following.stdout.on("data", (said: string) => (seen += said));
        const isSeen = (path: string, password: string | undefined) =>
            eventually(`${path} in the log`, async () => {
                await asCi(password, `${apiUrl}${path}`);
                return seen.includes(`GET ${path} ci (caller) `);
            });
        await isSeen("/before", before.ci);
        await lossless(run("user", "rotate", "ci", "--yes"));
        const after = await passwords();
        expect(after.ci).not.to.equal(before.ci);
        expect(after).to.deep.equal({ ...before, ci: after.ci });
        expect((await asCi(before.ci, `${apiUrl}/version`)).status).to.equal(401);
        await isSeen("/after", after.ci);
        following.kill("SIGINT");
        succeeds(await following.ended);
    });

    it("are told of in logs and history", async () => {
        const log = await run("logs", "--last", "10m");
        succeeds(log);
        expect(log.output).to.match(/ 200 POST \/predict ci \(caller\) /);
        expect(log.output).to.match(/ 403 POST \/api\/2\.0\/mlflow\/runs\/create ci \(caller\) /);
        expect(log.output).to.match(/ 401 GET \/version - /);
        const failed = await run("logs", "--status", "5xx", "--json");
        succeeds(failed);
        expect(failed.output).to.match(/^(\{.*"status": 5\d\d.*\}\n)*$/);
        const serving = await run("logs", "--service", "serving");
        succeeds(serving);
        const history = await run("history");
        succeeds(history);
        expect(history.output).to.match(
            /users: new password for ci\n.*users: added ci \(caller\)\n[^]*Silences are not known: the stack has no monitoring\./,
        );
        const secrets = Object.values(await passwords());
        for (const { output } of [log, failed, serving, history]) {
            expect(secrets.filter((it) => output.includes(it))).to.deep.equal([]);
        }
    });

    it("have one less, who is let in no more", async () => {
        const { apiUrl } = clientOf().outputs;
        const { ci, ...others } = await passwords();
        await lossless(run("user", "remove", "ci", "--yes"));
        expect(await passwords()).to.deep.equal(others);
        expect((await asCi(ci, `${apiUrl}/version`)).status).to.equal(401);
        expect(stackOf().project.read(stackOf().file)).not.to.include("access");
        succeeds(await stackOf().preview("--expect-no-changes"));
    });
}
