/** Keeps unit tests away from the parts of the machine that a running stack or another user changes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type ListenOptions, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const CHECKOUT = resolve(__dirname, "..", "..");
/** The variables that programs need to run. All others belong to a user, a CI or a stack. */
const KEPT = /^(PATH|TMPDIR|LANG|LC_.*|TERM|NO_COLOR|FORCE_COLOR|NODE_.*|MOCHA_.*)$/;
/** Ports that the machine gave to a test, which belong to the test. */
const given = new Set<number>();

/** Set for mocha's processes that share the files, because their command lines name no file. */
const OF_UNIT_TESTS = "MOCHA_UNIT_TESTS";

// Do this before the tests are loaded, because some ask git while they are described. End-to-end tests need the
// machine.
if (process.env[OF_UNIT_TESTS] !== undefined) {
    refuseOtherPorts();
    refuseOtherSockets();
} else if (
    process.argv.some((it) => it.includes("test/unit")) &&
    !process.argv.some((it) => it.includes("test/e2e"))
) {
    isolate();
    refuseOtherPorts();
    refuseOtherSockets();
}

/** Removes this machine from the environment, which mocha's other processes inherit. */
function isolate(): void {
    const home = mkdtempSync(join(tmpdir(), "seismic-home-"));
    process.once("exit", () => rmSync(home, { recursive: true, force: true }));
    mkdirSync(join(home, "runtime"), { mode: 0o700 });
    writeFileSync(
        join(home, ".gitconfig"),
        `[user]\n\tname = unit\n\temail = unit@example.org\n[safe]\n\tdirectory = ${CHECKOUT}\n`,
    );
    for (const name of Object.keys(process.env).filter((it) => !KEPT.test(it))) {
        delete process.env[name];
    }
    Object.assign(process.env, {
        HOME: home,
        XDG_RUNTIME_DIR: join(home, "runtime"),
        GIT_CONFIG_NOSYSTEM: "1",
        [OF_UNIT_TESTS]: "1",
    });
}

/** A port that the machine did not give may belong to another program. */
function refuseOtherPorts(): void {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the server below
    const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server;
    Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
        const [first] = args;
        const port = typeof first === "object" && first !== null ? (first as ListenOptions).port : first;
        if (typeof port === "number" && port !== 0 && !given.has(port)) {
            throw new Error(`a unit test asks this machine for port ${port}, which a running stack may have`);
        }
        this.prependOnceListener("listening", () => {
            const address = this.address();
            if (typeof address === "object" && address !== null) {
                given.add(address.port);
            }
        });
        return listen.apply(this, args);
    };
}

/** A socket outside the folder for temporary files belongs to the machine: an engine, an agent. */
function refuseOtherSockets(): void {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the socket below
    const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
    Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
        // Node itself passes its options and callback as one list.
        const [first] = args.flat();
        const path = typeof first === "object" && first !== null ? (first as { path?: unknown }).path : first;
        if (typeof path === "string" && path.startsWith("/") && !path.startsWith(tmpdir())) {
            throw new Error(`a unit test asks ${path}, which is this machine's`);
        }
        return connect.apply(this, args);
    };
}
