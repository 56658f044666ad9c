/** The Pulumi CLI, its plugins, and the backend with the stacks. */
import { existingEnvironment, type Environment } from "../setup/prepare";
import { backendOf, masked } from "../local/backend";
import { versions } from "../local/paths";
import { stateEnvironment } from "../local/state";
import { toolchainParts } from "../setup/toolchain";
import { ask } from "./ask";
import { failed, note, ok, SETUP, type Check, type Finding } from "./finding";

/** A stack as `pulumi stack ls --json` lists it. */
export interface KnownStack {
    readonly name: string;
}

/** The stacks of the backend, or the reason why they are not known. */
export type Listing = readonly KnownStack[] | string;

/**
 * Pulumi as setup has installed it; undefined before setup, and when its settings are wrong. Another check reports
 * wrong settings.
 */
export async function arranged(limitMs: number): Promise<Environment | undefined> {
    try {
        return await existingEnvironment(limitMs);
    } catch {
        return undefined;
    }
}

export async function listStacks({ pulumi, env }: Environment, limitMs: number): Promise<Listing> {
    const { code, stdout, last } = await ask(
        pulumi,
        ["stack", "ls", "--json", "--non-interactive"],
        limitMs,
        env,
    );
    return code === 0 ? (JSON.parse(stdout) as KnownStack[]) : last.replace(/^error: /, "");
}

export function pulumiChecks(listing: Promise<Listing | undefined>, limitMs: number): Check[] {
    return [
        { what: "CLI", look: () => cli(limitMs) },
        { what: "plugins", look: () => Promise.resolve(plugins()) },
        { what: "backend", look: () => backend(listing) },
        { what: "passphrase", look: () => Promise.resolve(passphrase(process.env)) },
    ];
}

async function cli(limitMs: number): Promise<Finding> {
    const { cli: choice } = toolchainParts();
    if (choice === undefined) {
        return failed("CLI", "not there yet", SETUP);
    }
    const { code, stdout, last } = await ask(choice.pulumi, ["version"], limitMs);
    return code === 0
        ? ok("CLI", `${stdout.replace(/^v/, "")}, ${choice.origin}: ${choice.pulumi}`)
        : failed("CLI", `${choice.pulumi}: ${last}`, `Remove it, then: ${SETUP}`);
}

function plugins(): Finding {
    const { home, missing } = toolchainParts();
    const { docker, random } = versions();
    return missing.length === 0
        ? ok("plugins", `docker ${docker}, random ${random}: ${home}/plugins`)
        : failed("plugins", `not there yet: ${missing.map(({ name }) => name).join(" and ")}`, SETUP);
}

async function backend(listing: Promise<Listing | undefined>): Promise<Finding> {
    const { url, source } = backendOf(process.env);
    const where = `${masked(url)} (${source})`;
    const stacks = await listing;
    if (stacks === undefined) {
        return note("backend", `${where}; not asked: settle the other lines first`);
    }
    return typeof stacks === "string"
        ? failed(
              "backend",
              `${where}: ${stacks}`,
              "Log in (npm run -s pulumi -- login), or correct its address.",
          )
        : ok("backend", `${where}, reached`);
}

/** Where the passphrase of the stacks' secrets is. A wrong setting throws. */
function passphrase(env: NodeJS.ProcessEnv): Finding {
    const state = stateEnvironment(env, false);
    if (state === undefined) {
        return failed("passphrase", "none yet", SETUP);
    }
    const file = state.PULUMI_CONFIG_PASSPHRASE_FILE;
    if (file !== undefined) {
        return ok("passphrase", `in ${file}`);
    }
    return env.PULUMI_CONFIG_PASSPHRASE === undefined
        ? ok("passphrase", "none needed: the service keeps the secrets' key")
        : ok("passphrase", "in PULUMI_CONFIG_PASSPHRASE");
}
