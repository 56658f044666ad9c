import { readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { expect } from "chai";

import { isLocalEngine, namedAddress, socketAddress, usualSockets } from "../../../engine/address";
import { findAddress } from "../../../engine/client";
import { withFakeEngine } from "../../support/engine/fakeEngine";
import { contextId, useContext, writeBelow, writeContext } from "../../support/machine";
import { temporaryFolder } from "../../support/temporaryFolder";

const SOCKET = "unix:///home/me/.colima/default/docker.sock";

describe("the engine", () => {
    let home: string;
    temporaryFolder((made) => (home = made));

    const write = (text: string, ...path: string[]): void => writeBelow(home, text, ...path);
    const context = (name: string, endpoint: object): void => writeContext(home, name, endpoint);
    const use = (name: string): void => useContext(home, name);
    const tls = (name: string, files: string[]): string => {
        for (const file of files) {
            write("PEM", ".docker", "contexts", "tls", contextId(name), "docker", file);
        }
        return join(home, ".docker", "contexts", "tls", contextId(name), "docker");
    };
    const named = (variables: NodeJS.ProcessEnv = {}) => namedAddress({ HOME: home, ...variables });

    describe("that is named", () => {
        beforeEach(() => {
            context("colima", { Host: SOCKET, SkipTLSVerify: false });
            context("far", { Host: "ssh://me@far.example.org" });
        });

        for (const [what, current, variables, host, source] of [
            [
                "DOCKER_HOST stands over both contexts",
                "colima",
                { DOCKER_HOST: "tcp://h:1", DOCKER_CONTEXT: "far" },
                "tcp://h:1",
                "DOCKER_HOST",
            ],
            [
                "DOCKER_CONTEXT stands over the current one",
                "colima",
                { DOCKER_CONTEXT: "far" },
                "ssh://me@far.example.org",
                "docker context far",
            ],
            ["the current context counts", "colima", {}, SOCKET, "docker context colima"],
            [
                "empty variables count as not set",
                "colima",
                { DOCKER_HOST: "", DOCKER_CONTEXT: " " },
                SOCKET,
                "docker context colima",
            ],
            ["DOCKER_CONTEXT=default is none", "colima", { DOCKER_CONTEXT: "default" }, undefined, undefined],
            ["the context named default is none", "default", {}, undefined, undefined],
            ["no current context is none", "", {}, undefined, undefined],
        ] as const) {
            it(what, () => {
                use(current);
                const found = named(variables);
                expect(found?.host).to.equal(host);
                expect(found?.source).to.equal(source);
            });
        }

        it("is looked for where DOCKER_CONFIG says", () => {
            use("colima");
            expect(namedAddress({ HOME: "/nowhere", DOCKER_CONFIG: join(home, ".docker") })?.host).to.equal(
                SOCKET,
            );
        });

        it("is none on a machine without the docker command's configuration", () => {
            expect(namedAddress({ HOME: join(home, "empty") })).to.equal(undefined);
        });

        it("is told to others with its certificates, and without what is for another engine", () => {
            context("tls", { Host: "tcp://far:2376", SkipTLSVerify: false });
            const folder = tls("tls", ["ca.pem", "cert.pem", "key.pem"]);
            const OF_ANOTHER = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/other" };
            expect(named({ DOCKER_CONTEXT: "tls", ...OF_ANOTHER })?.variables).to.deep.equal({
                DOCKER_HOST: "tcp://far:2376",
                DOCKER_TLS_VERIFY: "1",
                DOCKER_CERT_PATH: folder,
                DOCKER_CONTEXT: "",
            });
            expect(named({ DOCKER_CONTEXT: "colima", ...OF_ANOTHER })?.variables).to.deep.equal({
                DOCKER_HOST: SOCKET,
                DOCKER_TLS_VERIFY: "",
                DOCKER_CERT_PATH: "",
                DOCKER_CONTEXT: "",
            });
            // Here, the certificates belong to the user.
            expect(named({ DOCKER_HOST: "tcp://h:2376", ...OF_ANOTHER })?.variables).to.deep.equal({
                DOCKER_HOST: "tcp://h:2376",
            });
        });

        for (const [what, prepare, message] of [
            [
                "no context",
                () => use("gone"),
                /currentContext: got gone, which is no context .* docker context ls/,
            ],
            [
                "a context without an engine",
                () => (context("k8s", {}), use("k8s")),
                /got k8s, which names no Docker engine/,
            ],
            [
                "a context that skips TLS",
                () => (context("x", { Host: "tcp://h:1", SkipTLSVerify: true }), use("x")),
                /got x, which does not check/,
            ],
            [
                "half of its certificates",
                () => (context("x", { Host: "tcp://h:1" }), tls("x", ["ca.pem"]), use("x")),
                /got x, whose TLS files .* lack cert.pem and key.pem/,
            ],
            [
                "a configuration that is no JSON",
                () => write("{", ".docker", "config.json"),
                /config.json is not JSON/,
            ],
        ] as const) {
            it(`is refused where the docker command's settings have ${what}`, () => {
                prepare();
                expect(() => named()).to.throw(message);
            });
        }

        it("leaves the docker command's configuration as it is", () => {
            use("colima");
            const look = () =>
                readdirSync(home, { recursive: true, encoding: "utf8" })
                    .sort()
                    .map((name) => `${name} ${statSync(join(home, name)).mtimeMs}`);
            const before = look();
            named();
            expect(look()).to.deep.equal(before);
        });
    });

    describe("that nobody named", () => {
        it("is the first that answers, and dead sockets are passed over", async () => {
            const dead = join(home, "dead.sock");
            const server = createServer();
            await new Promise<void>((listening) => {
                server.listen(dead, listening);
            });
            server.close();
            writeFileSync(dead, "");
            await withFakeEngine(home, { "/_ping": "OK" }, async (host) => {
                const living = host.replace("unix://", "");
                expect(await findAddress(1000, [dead, living])).to.deep.equal({
                    host,
                    source: "usual socket",
                    variables: { DOCKER_HOST: host },
                });
            });
        });

        it("is looked for in the user's own folders too", () => {
            const runtime = join(home, "run");
            write("", "run", "docker.sock");
            write("", ".docker", "run", "docker.sock");
            const found = usualSockets({ HOME: home, XDG_RUNTIME_DIR: runtime });
            expect(found.slice(-2)).to.deep.equal([
                join(runtime, "docker.sock"),
                join(home, ".docker", "run", "docker.sock"),
            ]);
        });

        it("needs no variable at the default socket", () => {
            expect(socketAddress("/var/run/docker.sock", {}).variables).to.deep.equal({});
        });
    });

    it("shares this machine's files where it listens on a socket; an empty host is none", () => {
        expect(isLocalEngine("ssh://me@far")).to.equal(false);
        expect(isLocalEngine(SOCKET)).to.equal(true);
    });
});
