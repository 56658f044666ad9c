import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Reaches an engine through the machine's own ssh, as the docker command does: with its known hosts, keys,
 * agent and configuration. The client's own implementation of ssh looks at no host key, and logs in anew for
 * each request.
 *
 * @param host ssh://[user@]machine[:port]
 */
export function sshAgent(host: string): Agent {
    const { username, hostname, port } = new URL(host);
    return new SshAgent([
        // Nobody is there to answer a question.
        "-oBatchMode=yes",
        "-oConnectTimeout=10",
        ...(port === "" ? [] : ["-p", port]),
        ...(username === "" ? [] : ["-l", decodeURIComponent(username)]),
        "--",
        hostname,
        "docker system dial-stdio",
    ]);
}

/** Keeps few connections, each of which is a process, for the requests that follow. */
class SshAgent extends Agent {
    constructor(private readonly command: string[]) {
        super({ keepAlive: true, maxFreeSockets: 4 });
    }

    /**
     * A socket of the system whose other end is the command's standard input and output: a stream that only looks
     * like one is not enough for HTTP/2, which BuildKit speaks to those who build.
     */
    override createConnection(): Socket {
        const folder = mkdtempSync(join(tmpdir(), "engine-ssh-"));
        const path = join(folder, "socket");
        // Who asks may be done with asking long before the answer is complete.
        const bridge = createServer({ allowHalfOpen: true });
        // Binds at once, so that there is something to connect to.
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

/** Has a command read and write what goes through one end of a socket; the other end gets its errors. */
function attach(end: Socket, command: ChildProcessWithoutNullStreams, other: Socket): void {
    const { stdin, stdout, stderr } = command;
    let said = "";
    stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-STDERR_KEPT)));
    end.pipe(stdin);
    stdout.pipe(end, { end: false });
    // Told by the command's end, which follows.
    stdin.on("error", () => undefined);
    end.on("error", () => undefined);
    end.once("close", () => command.kill());
    command.once("error", (error) => other.destroy(error));
    // Not at the end of its output: only now it is known whether that was an error.
    command.once("close", (code) => {
        if (code === 0) {
            end.end();
        } else {
            other.destroy(new Error(`ssh: ${said.trim().split("\n").at(-1) ?? ""}`));
            end.destroy();
        }
    });
    // The other end keeps the program running while it is used: a connection that waits for a request does not.
    // (The pipes of a process are sockets, which its type does not tell.)
    for (const handle of [end, command, ...([stdin, stdout, stderr] as unknown as Socket[])]) {
        handle.unref();
    }
}
