import { connect, type PeerCertificate } from "node:tls";

import { expect } from "chai";

import { eventually, succeeds } from "../support/expectations";
import { freePort } from "../support/freePort";
import { type AcmeServer, startAcmeServer } from "../support/gateway/acmeServer";
import { Caller } from "../support/gateway/caller";
import type { TestStack } from "../support/stack/stack";
import { stub } from "../support/stack/stub";
import { suiteStack } from "../support/stack/suite";

const MINUTE = 60_000;
const HOST = "ml.example.org";
/** A certificate of this life is renewed after two thirds of it. */
const LIFE_SECONDS = 36;
const MOST_CHECKS = 10;
const HSTS_SECONDS = 86_400;

/** One stack with a certificate from an ACME server. Each test begins where the one before ended. */
describe("a certificate by ACME", function () {
    this.timeout(5 * MINUTE);
    this.bail(true);
    let stack: TestStack;
    let server: AcmeServer;
    let remove = (): Promise<void> => Promise.resolve();
    let httpPort: number;
    let caller: Caller;
    let api: string;
    let body: string;

    suiteStack(async (made) => {
        stack = made;
        httpPort = await freePort();
        server = await startAcmeServer(stack.engine, { host: HOST, httpPort, seconds: LIFE_SECONDS });
        remove = () => server.remove();
        stack.configure({
            ...stub(),
            access: { url: `https://${HOST}` },
            tls: {
                ...{ acme: "ops@example.org", hosts: [HOST], httpPort },
                ...{ acmeServer: server.directory, acmeAuthority: server.authority, hsts: HSTS_SECONDS },
            },
        });
        api = `https://localhost:${stack.ports.api}`;
    });
    after(() => remove());

    /** What the service tells of the certificate, by the metrics' names. */
    const told = async (): Promise<Record<string, number>> => {
        const [task] = await stack.engine.running("access");
        const text = await stack.engine.exec(task!.Id, ["curl", "-s", "http://acme:8000/metrics"]);
        const values = text.matchAll(/^certificate_(\w+) (\S+)$/gm);
        return Object.fromEntries([...values].map(([, name, value]) => [name!, Number(value)]));
    };
    /** The certificate that a new connection gets, from the authority of the server and for the stack's name. */
    const served = () =>
        new Promise<PeerCertificate>((resolve, reject) => {
            const host = { host: "localhost", port: stack.ports.api, servername: HOST, ca: server.root };
            const socket = connect({ ...host, rejectUnauthorized: false }, () => {
                const error = socket.authorizationError as Error | string | undefined | null;
                // On a busy machine, it may end before its successor is there.
                if (socket.authorized || String(error) === "CERT_HAS_EXPIRED") {
                    resolve(socket.getPeerCertificate());
                } else {
                    reject(new Error(`the certificate is not taken: ${String(error)}`));
                }
                socket.destroy();
            });
            socket.on("error", reject);
        });

    it("is there when the stack is up, and another update would change nothing", async () => {
        succeeds(await stack.up());
        const certificate = await served();
        expect(certificate.issuer.CN).to.match(/^Pebble Intermediate CA/);
        expect(certificate.subjectaltname).to.equal(`DNS:${HOST}`);
        succeeds(await stack.preview("--expect-no-changes"));
        const { username, password, apiUrl } = await stack.outputs();
        expect(apiUrl).to.equal(`https://${HOST}:${stack.ports.api}`);
        caller = Caller.of(() => server.root, username, password, HOST);
        const { body: sample, headers } = await caller.ask(`${api}/sample`);
        expect(headers["strict-transport-security"]).to.equal(`max-age=${HSTS_SECONDS}`);
        body = sample;
    });

    it("leaves nothing on the port for HTTP but proofs, and sends everybody on to TLS", async () => {
        const ask = (path: string) => fetch(`http://localhost:${httpPort}${path}`, { redirect: "manual" });
        const sent = await ask("/status?page=2");
        expect(sent.status).to.equal(308);
        expect(sent.headers.get("strict-transport-security")).to.equal(null);
        expect(sent.headers.get("location")).to.equal(`https://${HOST}:${stack.ports.api}/status?page=2`);
        for (const path of ["none", "../../../certificate.pem", "..%2f..%2f..%2fcertificate.pem"]) {
            const { status } = await ask(`/.well-known/acme-challenge/${path}`);
            expect(status, path).to.be.oneOf([404, 308]);
        }
    });

    it("serves on while the ACME server is away, and is renewed when it is back, without a lost prediction", async () => {
        await server.goAway();
        const renewal = async () => {
            await eventually("a failed attempt", async () => (await told()).last_attempt_failed === 1);
            const before = await served();
            const { expiry_timestamp_seconds: ends, lifetime_seconds: life } = await told();
            await server.comeBack();
            expect(life).to.be.closeTo(LIFE_SECONDS, MOST_CHECKS);
            expect(ends).to.equal(Date.parse(before.valid_to) / 1000);
            const after = await eventually("another certificate", async () => {
                const now = await served();
                return now.serialNumber !== before.serialNumber && now;
            });
            return { before, after };
        };
        const { result, answers, failures } = await caller.during(renewal(), api, body);
        expect(failures).to.deep.equal([]);
        expect(answers).to.be.above(100);
        const { before, after } = result;
        expect(Date.parse(after.valid_to)).to.be.above(Date.parse(before.valid_to));
        expect(after.issuer.CN).to.match(/^Pebble Intermediate CA/);
        expect((await told()).last_attempt_failed).to.equal(0);
        const [task] = await stack.engine.running("acme");
        expect(await stack.engine.log(task!.Id)).to.match(/^failed: .*; next attempt at /m);
    });
});
