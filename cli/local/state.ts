/**
 * Pulumi's backend and passphrase. The user's own count first. Otherwise there is a local backend with its own
 * passphrase, in the project's data folder.
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { short } from "../../common/hashes";
import { mistake } from "../../common/mistake";
import { backendOf, nonEmpty, type Backend } from "./backend";
import { stackFiles } from "./checkout";
import { CHECKOUT, dataFolder, filesBelow, OWNER_ONLY } from "./paths";

/** Environment variables that give Pulumi the state's address and passphrase. */
export type StateEnvironment = Readonly<Record<string, string>>;

/** @returns the variables; undefined when `create` is false and something is not made yet */
export function stateEnvironment(
    env: NodeJS.ProcessEnv,
    create: boolean,
    project = CHECKOUT,
): StateEnvironment | undefined {
    const backend = backendOf(env, project);
    const { url, isOwn, login } = backend;
    if (/^https?:/.test(url)) {
        // The service keeps the secrets' key, and a login is used where it is.
        const needsLogin =
            nonEmpty(env.PULUMI_ACCESS_TOKEN) === undefined && login?.tokens[url] !== undefined;
        return { PULUMI_BACKEND_URL: url, ...(needsLogin ? { PULUMI_CREDENTIALS_PATH: login.folder } : {}) };
    }
    const folder = localFolder(url);
    const stateMissing = isOwn && folder !== undefined && !existsSync(folder);
    if (stateMissing && !create) {
        return undefined;
    }
    if (stateMissing) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    // An empty passphrase is also a passphrase.
    if (env.PULUMI_CONFIG_PASSPHRASE !== undefined) {
        return { PULUMI_BACKEND_URL: url };
    }
    const given = givenPassphraseFile(env);
    if (given === undefined && folder === undefined && usesCloudKey(project)) {
        return { PULUMI_BACKEND_URL: url };
    }
    const file = given ?? ownPassphraseFile(env, backend, folder, create);
    return file === undefined ? undefined : { PULUMI_BACKEND_URL: url, PULUMI_CONFIG_PASSPHRASE_FILE: file };
}

/**
 * The user's passphrase file. A file of this project does not count, although `npm run env` may have put it into the
 * user's shell.
 */
function givenPassphraseFile(env: NodeJS.ProcessEnv): string | undefined {
    const given = nonEmpty(env.PULUMI_CONFIG_PASSPHRASE_FILE);
    if (given === undefined || given.startsWith(dataFolder(env))) {
        return undefined;
    }
    if (!existsSync(given)) {
        throw mistake(`PULUMI_CONFIG_PASSPHRASE_FILE: ${given} does not exist. Correct it, or unset it.`);
    }
    return given;
}

/**
 * Whether a key of a cloud protects a stack's secrets. Then a passphrase may be needless, and Pulumi asks for it if
 * it is needed.
 */
export function usesCloudKey(project = CHECKOUT): boolean {
    return stackFiles(project).some((file) =>
        /^secretsprovider: *["']?[a-z]+:\/\//m.test(readFileSync(file, "utf8")),
    );
}

function ownPassphraseFile(
    env: NodeJS.ProcessEnv,
    { url, source, isOwn }: Backend,
    folder: string | undefined,
    create: boolean,
): string | undefined {
    const suffix = isOwn ? "" : `-${short(createHash("sha256").update(url).digest("hex"))}`;
    const ours = join(dataFolder(env), `passphrase${suffix}`);
    if (existsSync(ours)) {
        return ours;
    }
    if (folder === undefined) {
        throw mistake(
            `${source}: ${url} may be shared, so no passphrase is made up for it.\n` +
                "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to its passphrase (docs/backends.md).",
        );
    }
    const stacks = filesBelow(join(folder, ".pulumi", "stacks")).filter((file) =>
        /\.json(\.gz)?$/.test(file),
    );
    if (stacks.length > 0) {
        throw mistake(
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
    const made = `${ours}.${process.pid}`;
    writeFileSync(made, `${randomBytes(PASSPHRASE_BYTES).toString("base64url")}\n`, { mode: OWNER_ONLY });
    try {
        // A link makes the whole file at once, and never replaces another process's file.
        linkSync(made, ours);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
            throw error;
        }
    } finally {
        rmSync(made);
    }
    return ours;
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
