import { expect } from "chai";

import type { Part } from "../../config/access/access";
import type { Role } from "../../config/access/roles";
import { fails, succeeds } from "../support/expectations";
import { Caller, type Secured } from "../support/gateway/caller";
import { handshake, pem, type Pem } from "../support/gateway/certificates";
import { Flood } from "../support/gateway/flood";
import { accessLog, losesNoLine } from "../support/gateway/log";
import { ownCertificate } from "../support/gateway/ownCertificate";
import { given, isAllowed, type Route, routes } from "../support/gateway/routes";
import { inGroups, mlflowRoutes } from "../support/gateway/rounds";
import type { Config, TestStack } from "../support/stack/stack";
import { stub } from "../support/stack/stub";
import { suiteStack } from "../support/stack/suite";

const MINUTE = 60_000;
const HOST = "localhost";
const USERS: Record<string, Role> = {
    ci: "caller",
    interpreters: "viewer",
    ops: "operator",
    owner: "admin",
};
const JSON_BODY = { "content-type": "application/json" };
const GIVEN = "a-password-of-a-person-24";

describe("who may do what", function () {
    this.timeout(10 * MINUTE);
    this.bail(true);
    let stack: TestStack;
    let outputs: Secured;
    let body: string;
    let first: Pem;

    const configure = (config: Config = {}) =>
        stack.configure({
            environment: "staging",
            ...stub(),
            monitoring: { enabled: true },
            access: { url: `https://${HOST}`, users: USERS },
            tls: { certificate: first.chain },
            ...config,
        });
    const caller = (user: string) => Caller.of(() => outputs.certificate, user, outputs.passwords[user]!);
    const nobody = () => new Caller(() => outputs.certificate, undefined);
    const addressOf = (endpoint: Part) => outputs[`${endpoint}Url` as "apiUrl"];
    const refresh = async () => {
        outputs = (await stack.outputs()) as unknown as Secured;
        return outputs;
    };

    suiteStack(async (made) => {
        stack = made;
        first = await pem(HOST);
        configure();
    });

    it("refuses a certificate with another key or name before anything is made", async () => {
        const { key: other } = await pem(HOST);
        await stack.setSecret("tlsKey", other);
        configure({ access: { url: "https://ml.example.org", users: USERS } });
        fails(
            await stack.preview(),
            "tlsKey: is not the key of tls.certificate",
            "access has ml.example.org",
            "nothing was changed",
        );
        expect(await stack.engine.left()).to.deep.equal([]);
    });

    it("comes up with TLS 1.2 and 1.3 and HTTP/2 on each port, and no plain HTTP", async () => {
        await stack.setSecret("tlsKey", first.key);
        await stack.setSecret("userPasswords.owner", GIVEN);
        configure();
        succeeds(await stack.up());
        await refresh();
        succeeds(await stack.preview("--expect-no-changes"));
        for (const endpoint of ["api", "mlflow", "prometheus", "alertmanager"] as const) {
            const { hostname, port } = new URL(addressOf(endpoint));
            const ca = outputs.certificate;
            const shake = { host: hostname, port: Number(port), ca, ALPNProtocols: ["h2", "http/1.1"] };
            expect(await handshake({ ...shake, maxVersion: "TLSv1.2" })).to.equal("TLSv1.2 h2");
            expect(await handshake(shake)).to.equal("TLSv1.3 h2");
            expect(await handshake({ ...shake, minVersion: "TLSv1", maxVersion: "TLSv1.1" })).to.match(/^E/);
            expect(await handshake({ ...shake, ca: first.key })).to.match(/SELF_SIGNED|ISSUER|E/);
            await fetch(`http://${hostname}:${port}/`).then(
                (answer) => expect.fail(`plain HTTP was answered: ${answer.status}`),
                () => undefined,
            );
        }
        body = (await caller("ci").ask(`${outputs.apiUrl}/sample`)).body;
    });

    it("gives each role what docs/roles.md says, and nothing more", async () => {
        expect(outputs.passwords.owner).to.equal(GIVEN);
        const all = routes();
        expect(await mlflowRoutes(stack)).to.have.members(
            all
                .filter(({ endpoint }) => endpoint === "mlflow")
                .map(({ method, path }) => `${method} ${given(path)}`),
        );
        const roles = [["nobody", nobody()] as const].concat(
            Object.entries(USERS).map(([user, role]) => [role, caller(user)] as never),
        );
        const wrong: string[] = [];
        for (const [role, who] of roles) {
            const agent = who.connections();
            const ask = async (route: Route) => {
                const { endpoint, method, path } = route;
                const url = `${addressOf(endpoint)}${given(path)}`;
                const { status, body: text } = await who.ask(url, {
                    ...{ method, agent },
                    ...(method === "GET"
                        ? {}
                        : { body: "{}", headers: { "content-type": "application/json" } }),
                });
                const passed = !text.includes("his needs the role");
                const refusal = passed || status === (role === "nobody" ? 401 : 403);
                if (passed !== isAllowed(route, role) || !refusal) {
                    wrong.push(`${role}: ${method} ${url}: ${status} ${text.slice(0, 100)}`);
                }
            };
            const sent = all.filter((route) => !route.isHeavy || !isAllowed(route, role));
            await inGroups(sent, 8, ask);
            agent.destroy();
        }
        expect(wrong.join("\n")).to.equal("");
    });

    it("takes a password as a token, says which role is needed, and logs who asked what without secrets", async () => {
        const id = `e2e-${Date.now()}`;
        const { apiUrl, mlflowUrl, passwords } = outputs;
        const token = new Caller(() => outputs.certificate, `Bearer ${passwords.ci}`);
        const answer = await token.ask(`${apiUrl}/version?secret=canary`, {
            headers: { "x-request-id": id },
        });
        expect([answer.status, answer.headers["x-request-id"]]).to.deep.equal([200, id]);
        const refused = await token.ask(`${mlflowUrl}/api/2.0/mlflow/runs/create`, {
            method: "POST",
            body: "{}",
        });
        expect(refused.status).to.equal(403);
        expect(refused.body).to.equal("403: ci has the role caller. This needs the role admin.\n");
        const unknown = await nobody().ask(`${apiUrl}/version?token=${passwords.ci}`);
        expect(unknown.status).to.equal(400);
        expect(unknown.body).to.match(/^400: token is in the address, .* Authorization: Bearer/);
        const wrong = Caller.of(() => outputs.certificate, "ops", passwords.ci!);
        expect((await wrong.ask(`${apiUrl}/version`)).body).to.equal(
            "401: the user or the password is wrong. This needs the role caller.\n",
        );
        const named = { ...JSON_BODY, "x-request-id": `${id}-predict` };
        const predicted = await token.ask(`${apiUrl}/predict`, { method: "POST", body, headers: named });
        expect(predicted.status).to.equal(200);

        const { entries, text } = await accessLog(stack, `${id}-predict`);
        const lineOf = (wanted: string) => entries.find((entry) => entry.id === wanted);
        const line = lineOf(id);
        expect(line).to.include({
            ...{ endpoint: "api", user: "ci", role: "caller", method: "GET", path: "/version", status: 200 },
        });
        expect(line).to.have.all.keys(
            ...["time", "id", "endpoint", "user", "role", "source", "method", "path", "status"],
            ...["bytes", "ms", "replica", "version"],
        );
        expect(lineOf(`${id}-predict`)).to.include({ user: "ci", status: 200, version: "1" });
        expect(entries.some(({ user, status }) => user === "" && status === 401)).to.equal(true);
        for (const secret of [...Object.values(passwords), "canary"]) {
            expect(text).not.to.include(secret);
        }
    });

    it("lets whoever guesses passwords wait, and nobody else", async () => {
        const guess = Caller.of(() => outputs.certificate, "ci", "guess");
        const url = `${outputs.apiUrl}/version`;
        const answers = await Promise.all(Array.from({ length: 15 }, () => guess.ask(url)));
        expect(
            answers.some(({ status, body: text }) => status === 429 && text.includes("wait a minute")),
        ).to.equal(true);
        const began = performance.now();
        expect((await caller("ci").ask(url)).status).to.equal(200);
        expect(performance.now() - began).to.be.below(3000);
    });

    it("answers others while 4,200 connections are half open, and large bodies and headers are sent", async () => {
        const flood = new Flood(new URL(outputs.apiUrl), outputs.certificate);
        const work = flood.run();
        const { result, answers, failures } = await caller("ci").during(work, outputs.apiUrl, body);
        expect(failures.slice(0, 5)).to.deep.equal([]);
        expect(answers).to.be.above(50);
        expect(result.tried).to.equal(4200);
        expect(result.held).to.be.below(600);
        expect(result.bodyStatus).to.match(/^(413|401|cut)$/);
        expect(result.headerStatus).to.match(/^(400|431|cut)$/);
    });

    it("loses no prediction while users, passwords, the certificate and the configuration change", async () => {
        const renewed = await pem(HOST);
        const before = outputs;
        const ops = caller("ops");
        const connection = ops.connections(1);
        expect((await ops.ask(`${before.apiUrl}/version`, { agent: connection })).status).to.equal(200);
        const { ops: _, ...left } = USERS;
        await stack.setSecret("tlsKey", renewed.key);
        await stack.setSecret("userPasswords.owner", `${GIVEN}-rotated`);
        configure({
            access: { url: `https://${HOST}`, users: { ...left, bench: "caller" }, logSample: 0.5 },
            tls: { certificate: renewed.chain },
        });
        const both = `${before.certificate}\n${renewed.chain}`;
        const trusting = Caller.of(() => both, "ci", before.passwords.ci!);
        const { result, failures, answers } = await trusting.during(stack.up(), before.apiUrl, body);
        succeeds(result);
        expect(failures.slice(0, 5)).to.deep.equal([]);
        expect(answers).to.be.above(100);
        await refresh();
        expect(outputs.passwords.ci).to.equal(before.passwords.ci);
        expect(outputs.passwords.interpreters).to.equal(before.passwords.interpreters);
        expect(outputs.certificate.trim()).to.equal(renewed.chain.trim());
        expect((await caller("bench").ask(`${outputs.apiUrl}/version`)).status).to.equal(200);
        expect((await caller("owner").ask(`${outputs.apiUrl}/version`)).status).to.equal(200);
        // These do not get in any more, on no connection.
        const rotated = Caller.of(() => outputs.certificate, "owner", GIVEN);
        expect((await rotated.ask(`${outputs.apiUrl}/version`)).status).to.equal(401);
        const removed = await ops.ask(`${outputs.apiUrl}/version`, { agent: connection }).then(
            ({ status }) => status,
            () => "cut",
        );
        expect(removed).to.be.oneOf([401, "cut"]);
        expect((await ops.ask(`${outputs.apiUrl}/version`)).status).to.equal(401);
        connection.destroy();
    });

    it("serves on with the configuration before when a new one does not load, and says why", async () => {
        const file = "components/gateway/proxy.ts";
        const text = stack.project.read(file);
        stack.project.edit(file, text.replace("mode http", "mode nonsense"));
        const { result, failures } = await caller("ci").during(stack.up(), outputs.apiUrl, body);
        fails(result, "nonsense");
        expect(failures.slice(0, 5)).to.deep.equal([]);
        stack.project.edit(file, text);
        succeeds(await stack.up());
        expect((await caller("ci").ask(`${outputs.apiUrl}/version`)).status).to.equal(200);
    });

    it("loses no line of its log when a task stops", () => losesNoLine(stack, caller("ci"), outputs.apiUrl));

    ownCertificate({ stackOf: () => stack, configure, refresh, viewer: () => caller("interpreters") });
});
