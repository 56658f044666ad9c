/** Finds the backend that keeps the state, in Pulumi's order. The project's own local backend comes last. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { mistake } from "../../common/mistake";
import { cacheFolder, CHECKOUT, dataFolder } from "./paths";

export interface Backend {
    /** The URL, which holds no password. */
    readonly url: string;
    /** Whether this is the project's own backend, because nobody named another one. */
    readonly isOwn: boolean;
    /** Where the backend is named. A message begins with it. */
    readonly source: string;
    readonly login: Login | undefined;
}

interface Login {
    readonly folder: string;
    readonly current: string | undefined;
    readonly tokens: Readonly<Record<string, string>>;
}

/** @throws {Mistake} when its URL holds a password */
export function backendOf(env: NodeJS.ProcessEnv, project = CHECKOUT): Backend {
    const login = readLogin(env);
    const candidates = [
        { url: nonEmpty(env.PULUMI_BACKEND_URL), source: "PULUMI_BACKEND_URL" },
        { url: projectsUrl(project), source: "Pulumi.yaml: backend.url" },
        { url: login?.current, source: login === undefined ? "" : credentialsFile(login.folder) },
    ];
    for (const { url, source } of candidates) {
        if (url !== undefined) {
            refusePassword(url, source);
            return { url, source, isOwn: url === ownUrl(env), login };
        }
    }
    return { url: ownUrl(env), source: "the project's own backend", isOwn: true, login };
}

export function nonEmpty(value: string | undefined): string | undefined {
    return value === "" ? undefined : value;
}

/** A URL without its passwords, which may stand between the user and the host, or in a parameter. */
export function masked(url: string): string {
    return url.replace(/^([a-z]+:\/\/[^@/?:]*):.*@/, "$1:****@").replace(/([?&]password=)[^&]*/, "$1****");
}

/**
 * Pulumi prints a backend's URL as it is (`pulumi whoami -v`, the error for a database without an answer), and `npm
 * run env` has to print it too. So a password must be given in a way that is never printed.
 */
function refusePassword(url: string, source: string): void {
    if (masked(url) === url) {
        return;
    }
    throw mistake(
        `${source}: ${masked(url)} holds a password, which Pulumi prints with it.\n` +
            "Leave it out, and put it into PGPASSWORD, or into a file that PGPASSFILE names (host:port:database:user:password).",
    );
}

function ownUrl(env: NodeJS.ProcessEnv): string {
    // The same form as `pulumi login` writes: without percent-encoding.
    return `file://${join(dataFolder(env), "state")}`;
}

/**
 * The backend that a team has committed. Pulumi reads it only if PULUMI_BACKEND_URL is not set, but setup sets this
 * variable.
 */
function projectsUrl(project: string): string | undefined {
    const { backend } = parse(readFileSync(join(project, "Pulumi.yaml"), "utf8")) as {
        backend?: { url?: string };
    };
    return nonEmpty(backend?.url);
}

/** The user's own login, which is only read. A Pulumi home of setup has none. */
function readLogin(env: NodeJS.ProcessEnv): Login | undefined {
    const home = nonEmpty(env.PULUMI_HOME);
    const theirs =
        home === undefined || home.startsWith(cacheFolder(env)) ? join(homedir(), ".pulumi") : home;
    const folder = nonEmpty(env.PULUMI_CREDENTIALS_PATH) ?? theirs;
    let text: string;
    try {
        text = readFileSync(credentialsFile(folder), "utf8");
    } catch {
        return undefined;
    }
    let parsed: { current?: string; accessTokens?: Record<string, string> };
    try {
        parsed = JSON.parse(text) as typeof parsed;
    } catch {
        throw mistake(
            `${credentialsFile(folder)}: not JSON. Set PULUMI_BACKEND_URL, or log in again with pulumi login.`,
        );
    }
    return { folder, current: nonEmpty(parsed.current), tokens: parsed.accessTokens ?? {} };
}

function credentialsFile(folder: string): string {
    return join(folder, "credentials.json");
}
