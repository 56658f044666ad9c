import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { type AuthContext, type Connection, type ParsedKey, Server, utils } from "ssh2";

import { DEFAULT_HOST, namedAddress } from "../../../engine/address";

const COMMAND = "docker system dial-stdio";

/** A connection to the tested engine, wherever it is. */
function connectEngine(): Socket {
    const { protocol, hostname, port, pathname } = new URL(namedAddress()?.host ?? DEFAULT_HOST);
    return protocol === "unix:" ? connect(pathname) : connect(Number(port), hostname);
}

/**
 * The local engine behind the test's own SSH server on loopback. The server accepts one key, and does only what the
 * docker command needs on a remote machine. The client is the machine's own ssh, with the test's own home.
 */
export class SshEngine {
    private readonly folder = mkdtempSync(join(tmpdir(), "seismic-e2e-ssh-"));
    private readonly server: Server;
    /** The number of accepted connections. */
    connections = 0;

    constructor() {
        for (const name of ["host", "user"]) {
            execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(this.folder, name)]);
        }
        const allowed = utils.parseKey(readFileSync(join(this.folder, "user.pub"))) as ParsedKey;
        const hostKeys = [readFileSync(join(this.folder, "host"))];
        this.server = new Server({ hostKeys }, (connection) => this.serve(connection, allowed));
        this.writeClient();
    }

    async start(): Promise<void> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    }

    stop(): void {
        this.server.close();
        rmSync(this.folder, { recursive: true });
    }

    /** The value of DOCKER_HOST. */
    get address(): string {
        return `ssh://deploy@127.0.0.1:${this.port}`;
    }

    get key(): string {
        return readFileSync(join(this.folder, "user"), "utf8");
    }

    get knownHosts(): string {
        const [kind, key] = readFileSync(join(this.folder, "host.pub"), "utf8").split(" ");
        return `[127.0.0.1]:${this.port} ${kind} ${key}`;
    }

    /** An environment with its own home. ssh has only the test's own files there. */
    environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
        const { SSH_AUTH_SOCK: _agent, SSH_AGENT_PID: _process, ...others } = env;
        return {
            ...others,
            HOME: this.home,
            PATH: [join(this.folder, "bin"), env.PATH].join(delimiter),
            // The things that setup made stay where they are.
            XDG_CACHE_HOME: env.XDG_CACHE_HOME ?? join(env.HOME ?? "/root", ".cache"),
            XDG_DATA_HOME: env.XDG_DATA_HOME ?? join(env.HOME ?? "/root", ".local", "share"),
        };
    }

    private get home(): string {
        return join(this.folder, "home");
    }

    private get port(): number {
        return (this.server.address() as AddressInfo).port;
    }

    /** OpenSSH looks for its files in the user's home of the system, and ignores HOME. */
    private writeClient(): void {
        mkdirSync(this.home);
        mkdirSync(join(this.folder, "bin"));
        const config = join(this.folder, "config");
        const known = join(this.home, ".ssh", "known_hosts");
        writeFileSync(
            config,
            `UserKnownHostsFile ${known}\nGlobalKnownHostsFile /dev/null\nIdentityFile none\n`,
        );
        const ssh = execFileSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).trim();
        const wrapper = join(this.folder, "bin", "ssh");
        writeFileSync(wrapper, `#!/bin/sh\nexec ${ssh} -F ${config} "$@"\n`);
        chmodSync(wrapper, 0o755);
    }

    private serve(connection: Connection, allowed: ParsedKey): void {
        connection.on("error", () => connection.end());
        connection.on("authentication", (attempt: AuthContext) => {
            const isAllowed =
                attempt.username === "deploy" &&
                attempt.method === "publickey" &&
                attempt.key.data.equals(allowed.getPublicSSH()) &&
                (attempt.signature === undefined ||
                    allowed.verify(attempt.blob!, attempt.signature, attempt.hashAlgo) === true);
            if (isAllowed) {
                attempt.accept();
            } else {
                attempt.reject(["publickey"]);
            }
        });
        connection.on("ready", () => {
            this.connections += 1;
            connection.on("session", (accept) => {
                accept().on("exec", (acceptCommand, reject, { command }) => {
                    if (command !== COMMAND) {
                        reject();
                        return;
                    }
                    const channel = acceptCommand();
                    const engine = connectEngine();
                    engine.on("error", () => channel.close());
                    channel.on("close", () => engine.destroy());
                    engine.on("close", () => {
                        channel.exit(0);
                        channel.end();
                    });
                    channel.pipe(engine).pipe(channel, { end: false });
                });
            });
        });
    }
}
