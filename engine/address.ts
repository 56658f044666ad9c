/**
 * Finds the engine's address by the rules of the docker command: DOCKER_HOST, then DOCKER_CONTEXT, then the current
 * context of the docker command's configuration, then the usual sockets. Nothing is written to that configuration.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { mistake } from "../common/mistake";

export const DEFAULT_SOCKET = "/var/run/docker.sock";
export const DEFAULT_HOST = `unix://${DEFAULT_SOCKET}`;
/** The source of an address when no setting names one. */
export const USUAL = "usual socket";
const LOCAL_SOCKET = "the local socket";
/** Begins the address of a socket. */
export const UNIX = "unix://";

export interface EngineAddress {
    /** The address in DOCKER_HOST's form. */
    readonly host: string;
    /** The setting that names the address: "DOCKER_HOST", "docker context colima", or USUAL. */
    readonly source: string;
    /** The variables that give a process the same address; none for the default socket. */
    readonly variables: Readonly<Record<string, string>>;
}

/** The engine that a variable or the docker command's context names; undefined when there is no such name. */
export function namedAddress(env: NodeJS.ProcessEnv = process.env): EngineAddress | undefined {
    const host = given(env.DOCKER_HOST);
    if (host !== undefined) {
        return { host, source: "DOCKER_HOST", variables: { DOCKER_HOST: host, ...noContext(env) } };
    }
    const folder = given(env.DOCKER_CONFIG) ?? join(homeOf(env), ".docker");
    const [name, source] = contextName(env, folder);
    if (name === undefined || name === "default") {
        return undefined;
    }
    return { ...contextAddress(env, folder, name, source), source: `docker context ${name}` };
}

/** The existing sockets on which an engine of this machine may listen, in order. */
export function usualSockets(env: NodeJS.ProcessEnv = process.env): string[] {
    const runtime = given(env.XDG_RUNTIME_DIR);
    return [
        DEFAULT_SOCKET,
        ...(runtime === undefined ? [] : [join(runtime, "docker.sock")]),
        join(homeOf(env), ".docker", "run", "docker.sock"),
    ].filter((socket) => existsSync(socket));
}

/** The address of one of the usual sockets. */
export function socketAddress(socket: string, env: NodeJS.ProcessEnv = process.env): EngineAddress {
    const host = `${UNIX}${socket}`;
    const variables = { ...(socket === DEFAULT_SOCKET ? {} : { DOCKER_HOST: host }), ...noContext(env) };
    return { host, source: USUAL, variables };
}

/**
 * The engine's address for messages: `docker:host` of the stack's config, else the address in this machine's settings.
 */
export function addressOf(host: string | undefined): string {
    return given(host) ?? namedAddress()?.host ?? LOCAL_SOCKET;
}

/** The name of the engine's host, as seen from here. */
export function engineHost(host: string | undefined): string {
    const where = addressOf(host);
    return !isLocalEngine(host) && URL.canParse(where) ? new URL(where).hostname : "localhost";
}

/** Whether the engine shares this machine's files and ports. */
export function isLocalEngine(host: string | undefined): boolean {
    return (given(host) ?? namedAddress()?.host ?? DEFAULT_HOST).startsWith(UNIX);
}

/**
 * Says why the Docker plugin would work on another engine than the one found. The plugin
 * knows only `docker:host`, DOCKER_HOST and DOCKER_CONTEXT, and for building images only the last two.
 *
 * @returns undefined when the plugin works on the engine that was found
 */
export function pluginProblem(
    host: string | undefined,
    found: EngineAddress,
    env: NodeJS.ProcessEnv = process.env,
): string | undefined {
    const EXPORT = 'run pulumi by way of: npm run -s pulumi --, or first: eval "$(npm run -s env)"';
    const context = given(env.DOCKER_CONTEXT);
    if (context !== undefined && (given(host) ?? given(env.DOCKER_HOST)) !== undefined) {
        return `DOCKER_CONTEXT: got ${context}, which Pulumi's Docker plugin would take instead of ${found.host}; ${EXPORT}`;
    }
    // The plugin builds images at the engine of the variable, whatever docker:host says.
    const builds = given(env.DOCKER_HOST) ?? DEFAULT_HOST;
    if (host !== undefined && given(host) !== undefined && builds !== host) {
        return (
            `docker:host: got ${host}, and Pulumi's Docker plugin would build images at ${builds}; run pulumi by way ` +
            `of: npm run -s pulumi -- ... --stack STACK, or first: export DOCKER_HOST=${host}`
        );
    }
    return builds === found.host
        ? undefined
        : `the engine is at ${found.host} (${found.source}), which Pulumi's Docker plugin has not been told; ${EXPORT}`;
}

/** The value of a variable or an option. As for the docker command, an empty value counts as not given. */
export function given(value: string | undefined): string | undefined {
    return value === undefined || value.trim() === "" ? undefined : value;
}

function homeOf(env: NodeJS.ProcessEnv): string {
    return given(env.HOME) ?? homedir();
}

/**
 * In the plugin, DOCKER_CONTEXT takes precedence over every address. So each process that
 * gets an address gets an empty DOCKER_CONTEXT.
 */
function noContext(env: NodeJS.ProcessEnv): Record<string, string> {
    return given(env.DOCKER_CONTEXT) === undefined ? {} : { DOCKER_CONTEXT: "" };
}

/** The name of the context in use, and the setting that names it. */
function contextName(env: NodeJS.ProcessEnv, folder: string): [name: string | undefined, source: string] {
    const variable = given(env.DOCKER_CONTEXT);
    if (variable !== undefined) {
        return [variable, "DOCKER_CONTEXT"];
    }
    const file = join(folder, "config.json");
    const { currentContext } = readJson(file, file) ?? {};
    return [
        typeof currentContext === "string" ? given(currentContext) : undefined,
        `${file}, currentContext`,
    ];
}

function contextAddress(
    env: NodeJS.ProcessEnv,
    folder: string,
    name: string,
    source: string,
): Omit<EngineAddress, "source"> {
    const id = createHash("sha256").update(name).digest("hex");
    const meta = readJson(join(folder, "contexts", "meta", id, "meta.json"), source);
    if (meta === undefined) {
        throw mistake(
            `${source}: got ${name}, which is no context of the docker command. Choose one of: docker context ls`,
        );
    }
    const { Host, SkipTLSVerify } = (meta.Endpoints as Endpoints | undefined)?.docker ?? {};
    const host = given(Host);
    if (host === undefined) {
        throw mistake(
            `${source}: got ${name}, which names no Docker engine. See: docker context inspect ${name}`,
        );
    }
    if (SkipTLSVerify === true) {
        throw mistake(
            `${source}: got ${name}, which does not check the engine's certificate. ` +
                `Give it the authority's: docker context update ${name} --docker host=${host},ca=FILE,cert=FILE,key=FILE`,
        );
    }
    const tls = tlsVariables(join(folder, "contexts", "tls", id, "docker"), name, source);
    // The client must not use variables that are meant for another engine.
    const others = Object.keys(tls).length > 0 ? {} : emptied(env, ["DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]);
    return { host, variables: { DOCKER_HOST: host, ...others, ...tls, ...noContext(env) } };
}

interface Endpoints {
    readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean };
}

/** The variables by which clients find a context's certificates; none when the context has no certificates. */
function tlsVariables(folder: string, name: string, source: string): Record<string, string> {
    const files = ["ca.pem", "cert.pem", "key.pem"];
    const missing = files.filter((file) => !existsSync(join(folder, file)));
    if (missing.length === files.length) {
        return {};
    }
    if (missing.length > 0) {
        throw mistake(
            `${source}: got ${name}, whose TLS files in ${folder} lack ${missing.join(" and ")}. ` +
                `Give them: docker context update ${name}`,
        );
    }
    return { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: folder };
}

function emptied(env: NodeJS.ProcessEnv, names: string[]): Record<string, string> {
    return Object.fromEntries(
        names.filter((name) => given(env[name]) !== undefined).map((name) => [name, ""]),
    );
}

/** A JSON object from a file of the docker command; undefined when there is no such file. */
function readJson(file: string, source: string): Record<string, unknown> | undefined {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return undefined;
        }
        throw mistake(`${source}: ${file} cannot be read (${String(error)}). Correct its owner or mode.`);
    }
    try {
        return JSON.parse(text) as Record<string, unknown>;
    } catch {
        throw mistake(`${source}: ${file} is not JSON. Correct it, or set DOCKER_HOST.`);
    }
}
