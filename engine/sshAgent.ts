import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Agent } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/**
 * Reaches an engine through the machine's own ssh, as the docker command does: with its known hosts, keys,
 * agent and configuration. The client's own implementation of ssh looks at no host key, and logs in anew for
 * each request.
 *
 * @param host ssh://[user@]machine[:port]
 */
export function sshAgent(host: string): Agent {
    const { username, hostname, port } = new URL(host);
    const command = [
        // Nobody is there to answer a question.
        "-oBatchMode=yes",
        "-oConnectTimeout=10",
        ...(port === "" ? [] : ["-p", port]),
        ...(username === "" ? [] : ["-l", decodeURIComponent(username)]),
        "--",
        hostname,
        "docker system dial-stdio",
    ];
    return new SshAgent(command);
}

/** Keeps few connections, each of which is a process, for the requests that follow. */
class SshAgent extends Agent {
    constructor(private readonly command: string[]) {
        super({ keepAlive: true, maxFreeSockets: 4 });
    }

    override createConnection(): Duplex {
        return new CommandSocket(spawn("ssh", this.command));
    }
}

const STDERR_KEPT = 2000;

/** A command's standard input and output as the socket that node:http expects. */
class CommandSocket extends Duplex {
    private said = "";

    constructor(private readonly command: ChildProcessWithoutNullStreams) {
        super();
        const { stdin, stdout, stderr } = command;
        stdout.on("data", (chunk) => this.push(chunk) || stdout.pause());
        stderr.on("data", (chunk) => (this.said = (this.said + String(chunk)).slice(-STDERR_KEPT)));
        stdin.on("error", () => this.destroy(this.failure()));
        command.once("error", (error) => this.destroy(error));
        // Not at the end of its output: only now it is known whether that was an error.
        command.once("close", (code) => (code === 0 ? this.push(null) : this.destroy(this.failure())));
    }

    override _read(): void {
        this.command.stdout.resume();
    }

    override _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
        this.command.stdin.write(chunk, encoding, done);
    }

    override _final(done: () => void): void {
        this.command.stdin.end(done);
    }

    override _destroy(error: Error | null, done: (error: Error | null) => void): void {
        this.command.kill();
        done(error);
    }

    private failure(): Error {
        const last = this.said.trim().split("\n").at(-1) ?? "";
        return new Error(last === "" ? "ssh ended" : `ssh: ${last}`);
    }

    setKeepAlive(): this {
        return this;
    }

    setNoDelay(): this {
        return this;
    }

    setTimeout(): this {
        return this;
    }

    ref(): this {
        this.handles().forEach((handle) => handle.ref());
        return this;
    }

    /** A connection that waits for the next request keeps no program from ending. */
    unref(): this {
        this.handles().forEach((handle) => handle.unref());
        return this;
    }

    private handles(): { ref(): unknown; unref(): unknown }[] {
        const { command } = this;
        // The pipes of a process are sockets, which its type does not tell.
        return [command, ...([command.stdin, command.stdout, command.stderr] as unknown as Socket[])];
    }
}
