/**
 * Pulumi's backend and passphrase: the user's where there is one, otherwise
 * a local backend with a passphrase of its own, in the project's data folder.
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, dataFolder, filesBelow } from "./paths";
import { SetupError } from "./steps";

/** Environment variables that tell Pulumi where its state is and how to open it. */
export type StateEnvironment = Readonly<Record<string, string>>;

interface Login {
    readonly folder: string;
    readonly current: string | undefined;
    readonly tokens: Readonly<Record<string, string>>;
}

/** @returns the variables, or undefined when `create` is false and something has yet to be made */
export function stateEnvironment(env: NodeJS.ProcessEnv, create: boolean): StateEnvironment | undefined {
    const login = readLogin(env);
    const own = pathToFileUrl(join(dataFolder(env), "state"));
    const url = nonEmpty(env.PULUMI_BACKEND_URL) ?? login?.current ?? own;
    if (/^https?:/.test(url)) {
        // The service keeps the secrets' key; a login is used where it lies.
        const needsLogin =
            nonEmpty(env.PULUMI_ACCESS_TOKEN) === undefined && login?.tokens[url] !== undefined;
        return { PULUMI_BACKEND_URL: url, ...(needsLogin ? { PULUMI_CREDENTIALS_PATH: login.folder } : {}) };
    }
    const folder = localFolder(url);
    const stateMissing = url === own && folder !== undefined && !existsSync(folder);
    if (stateMissing && !create) {
        return undefined;
    }
    if (stateMissing) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    // An empty passphrase is one too.
    if (env.PULUMI_CONFIG_PASSPHRASE !== undefined) {
        return { PULUMI_BACKEND_URL: url };
    }
    const file = passphraseFile(env, url, folder, url === own, create);
    return file === undefined ? undefined : { PULUMI_BACKEND_URL: url, PULUMI_CONFIG_PASSPHRASE_FILE: file };
}

function passphraseFile(
    env: NodeJS.ProcessEnv,
    url: string,
    folder: string | undefined,
    isOwn: boolean,
    create: boolean,
): string | undefined {
    const suffix = isOwn ? "" : `-${createHash("sha256").update(url).digest("hex").slice(0, 12)}`;
    const ours = join(dataFolder(env), `passphrase${suffix}`);
    const given = nonEmpty(env.PULUMI_CONFIG_PASSPHRASE_FILE);
    if (given !== undefined && !given.startsWith(dataFolder(env))) {
        if (existsSync(given)) {
            return given;
        }
        throw new SetupError(
            `PULUMI_CONFIG_PASSPHRASE_FILE: ${given} does not exist. Correct it, or unset it.`,
        );
    }
    if (existsSync(ours)) {
        return ours;
    }
    if (folder === undefined) {
        throw new SetupError(
            `PULUMI_BACKEND_URL: ${url} may be shared, so no passphrase is made up for it.\n` +
                "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to its passphrase.",
        );
    }
    const stacks = filesBelow(join(folder, ".pulumi", "stacks")).filter((file) =>
        /\.json(\.gz)?$/.test(file),
    );
    if (stacks.length > 0) {
        throw new SetupError(
            [
                `${ours}: missing, and ${url} holds stacks whose secrets it opens:`,
                ...stacks.map((stack) => `  ${stack}`),
                "Put the passphrase back into that file (or into PULUMI_CONFIG_PASSPHRASE).",
                "If it is lost, remove what the stacks made, then the state folder, and run this again.",
            ].join("\n"),
        );
    }
    if (!create) {
        return undefined;
    }
    const PASSPHRASE_BYTES = 32;
    mkdirSync(dataFolder(env), { recursive: true, mode: 0o700 });
    writeFileSync(ours, `${randomBytes(PASSPHRASE_BYTES).toString("base64url")}\n`, {
        mode: 0o600,
        flag: "wx",
    });
    return ours;
}

/** The user's own login, read only; none in a Pulumi home that setup made. */
function readLogin(env: NodeJS.ProcessEnv): Login | undefined {
    const home = nonEmpty(env.PULUMI_HOME);
    const theirs =
        home === undefined || home.startsWith(cacheFolder(env)) ? join(homedir(), ".pulumi") : home;
    const folder = nonEmpty(env.PULUMI_CREDENTIALS_PATH) ?? theirs;
    let text: string;
    try {
        text = readFileSync(join(folder, "credentials.json"), "utf8");
    } catch {
        return undefined;
    }
    let parsed: { current?: string; accessTokens?: Record<string, string> };
    try {
        parsed = JSON.parse(text) as typeof parsed;
    } catch {
        throw new SetupError(
            `${join(folder, "credentials.json")}: not JSON. Set PULUMI_BACKEND_URL, or log in again with pulumi login.`,
        );
    }
    return { folder, current: nonEmpty(parsed.current), tokens: parsed.accessTokens ?? {} };
}

/** The folder of a file:// backend; undefined for any other. */
function localFolder(url: string): string | undefined {
    if (!url.startsWith("file://")) {
        return undefined;
    }
    const path = url.slice("file://".length).split("?")[0] ?? "";
    if (path === "~" || path.startsWith("~/")) {
        return join(homedir(), path.slice(1));
    }
    return path.startsWith("/") ? fileURLToPath(`file://${path}`) : path;
}

function pathToFileUrl(path: string): string {
    // As `pulumi login` writes it: not percent-encoded.
    return `file://${path}`;
}

function nonEmpty(value: string | undefined): string | undefined {
    return value === "" ? undefined : value;
}
