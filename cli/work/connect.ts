/**
 * Connects a CI job to the state and the engine. Checks that their secrets are set, and gives ssh its key and the
 * host's keys.
 */
import { execFile, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { mistake } from "../../common/mistake";
import { addressOf } from "../../engine/address";
import { connect } from "../../engine/client";
import { backendOf } from "../local/backend";
import { OWNER_ONLY } from "../local/paths";
import { usesCloudKey } from "../local/state";
import { messageOf } from "../terminal/steps";

export async function connectJob(): Promise<number> {
    const missing = missingOf(process.env);
    if (missing.length > 0) {
        throw mistake(`${missing.join("\n")}\ndocs/ci.md says what to put there.`);
    }
    const host = given(process.env.DOCKER_HOST);
    if (host?.startsWith("ssh://")) {
        know(process.env.DEPLOY_KNOWN_HOSTS ?? "");
        await addKey(process.env.DEPLOY_SSH_KEY ?? "");
    }
    const where = addressOf(host);
    try {
        const { Version } = await (await connect(host)).version();
        console.log(`Engine: ${where}, version ${Version}`);
    } catch (error) {
        throw mistake(`DOCKER_HOST: no engine answers at ${where} (${messageOf(error)})`);
    }
    return 0;
}

/** The settings that a job needs and does not have. In a job, a missing secret is an empty variable. */
function missingOf(env: NodeJS.ProcessEnv): string[] {
    const missing: string[] = [];
    const need = (name: string, why: string): void => {
        if (given(env[name]) === undefined) {
            missing.push(`${name}: missing; ${why}`);
        }
    };
    const { url, isOwn } = backendOf(env);
    // GitHub removes a machine that it lends for a job.
    const isLent = env.RUNNER_ENVIRONMENT === "github-hosted";
    if (isOwn && isLent) {
        missing.push("PULUMI_BACKEND_URL: missing; a state on this machine ends with the job");
    }
    if (url.startsWith("https:")) {
        need("PULUMI_ACCESS_TOKEN", `the state is at ${url}`);
    } else if (!usesCloudKey()) {
        need("PULUMI_CONFIG_PASSPHRASE", "with an empty one anybody opens the secrets of the state");
    }
    if (given(env.DOCKER_HOST)?.startsWith("ssh://")) {
        need("DEPLOY_SSH_KEY", `DOCKER_HOST is ${env.DOCKER_HOST}`);
        need("DEPLOY_KNOWN_HOSTS", "without it, any machine could pretend to be the engine's");
    } else if (isLent) {
        need("DOCKER_HOST", "what is deployed to this machine ends with the job");
    }
    return missing;
}

function given(value: string | undefined): string | undefined {
    return value === undefined || value.trim() === "" ? undefined : value;
}

/** Adds host keys that are not known yet. */
function know(lines: string): void {
    const folder = join(homedir(), ".ssh");
    const file = join(folder, "known_hosts");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const known = new Set(existsSync(file) ? readFileSync(file, "utf8").split("\n") : []);
    const added = lines.split("\n").filter((line) => line.trim() !== "" && !known.has(line));
    appendFileSync(file, added.map((line) => `${line}\n`).join(""), { mode: OWNER_ONLY });
}

/** Gives the key to an agent for the job's next steps. The key is written to no file. */
async function addKey(key: string): Promise<void> {
    const { stdout } = await promisify(execFile)("ssh-agent", ["-s"]);
    for (const name of ["SSH_AUTH_SOCK", "SSH_AGENT_PID"]) {
        const value = new RegExp(`${name}=([^;]+);`).exec(stdout)?.[1];
        if (value === undefined) {
            throw new Error(`ssh-agent: said nothing of ${name}`);
        }
        process.env[name] = value;
        if (process.env.GITHUB_ENV !== undefined) {
            appendFileSync(process.env.GITHUB_ENV, `${name}=${value}\n`);
        }
    }
    const adding = spawn("ssh-add", ["-q", "-"], { stdio: ["pipe", "ignore", "ignore"] });
    // A key that is pasted into a form easily loses its last line break, and ssh-add refuses a key without it.
    adding.stdin.end(`${key.replaceAll("\r", "").trim()}\n`);
    const code = await new Promise((resolve) => adding.once("close", resolve));
    if (code !== 0) {
        throw mistake("DEPLOY_SSH_KEY: not a private key without a passphrase, as ssh-keygen writes it");
    }
}
