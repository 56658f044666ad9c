import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Reaches an engine through the machine's own ssh, as the docker command does: with the
 * machine's known hosts, keys, agent and configuration. The client's own implementation of
 * ssh checks no host key, and logs in anew for each request.
 *
 * @param host ssh://[user@]machine[:port]
 */
export function sshAgent(host: string): Agent {
    const { username, hostname, port } = new URL(host);
    return new SshAgent([
        // Nobody is there to answer a question of ssh.
        "-oBatchMode=yes",
        "-oConnectTimeout=10",
        ...(port === "" ? [] : ["-p", port]),
        ...(username === "" ? [] : ["-l", decodeURIComponent(username)]),
        "--",
        hostname,
        "docker system dial-stdio",
    ]);
}

/** Keeps a few connections for later requests. Each connection is a process. */
class SshAgent extends Agent {
    constructor(private readonly command: string[]) {
        super({ keepAlive: true, maxFreeSockets: 4 });
    }

    /**
     * A socket of the system whose other end is the command's standard input and output. A stream
     * that only looks like a socket is not enough for HTTP/2, which BuildKit uses for builds.
     */
    override createConnection(): Socket {
        const folder = mkdtempSync(join(tmpdir(), "engine-ssh-"));
        const path = join(folder, "socket");
        // A client may finish its request long before the answer is complete.
        const bridge = createServer({ allowHalfOpen: true });
        // `listen` binds the path at once, so `connect` finds it.
        bridge.listen(path);
        const socket = connect(path);
        bridge.once("connection", (end) => {
            bridge.close();
            rmSync(folder, { recursive: true });
            attach(end, spawn("ssh", this.command), socket);
        });
        return socket;
    }
}

const STDERR_KEPT = 2000;

/** Connects a command's standard input and output to one end of a socket. Errors go to the other end. */
function attach(end: Socket, command: ChildProcessWithoutNullStreams, other: Socket): void {
    const { stdin, stdout, stderr } = command;
    let said = "";
    stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-STDERR_KEPT)));
    end.pipe(stdin);
    stdout.pipe(end, { end: false });
    // The end of the command, which follows, reports these errors.
    stdin.on("error", () => undefined);
    end.on("error", () => undefined);
    end.once("close", () => command.kill());
    command.once("error", (error) => other.destroy(error));
    // The end of the output does not tell whether there was an error. The command's exit code does.
    command.once("close", (code) => {
        if (code === 0) {
            end.end();
        } else {
            other.destroy(new Error(`ssh: ${said.trim().split("\n").at(-1) ?? ""}`));
            end.destroy();
        }
    });
    // Only the other end keeps the program running, while it is in use. A connection that waits for
    // a request must not. (The pipes of a process are sockets, but their type does not say so.)
    for (const handle of [end, command, ...([stdin, stdout, stderr] as unknown as Socket[])]) {
        handle.unref();
    }
}
