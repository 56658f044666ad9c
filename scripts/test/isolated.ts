/** A Pulumi environment for the end-to-end tests: a state, a passphrase and a Pulumi home of their own. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../setup/paths";
import type { Environment } from "../setup/prepare";

/** The user's settings of a backend, which a test must not meet. */
const USERS = [
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_CREDENTIALS_PATH",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_STACK",
];

/** Runs `work` with such an environment; what it left in the state folder is told, and the folder kept. */
export async function isolated<T>(
    environment: Environment,
    work: (env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), `${PROJECT}-e2e-`));
    const [home, state] = [join(folder, "home"), join(folder, "state")];
    mkdirSync(home);
    mkdirSync(state);
    const pulumiHome = environment.variables.PULUMI_HOME;
    if (pulumiHome === undefined) {
        throw new Error("setup sets PULUMI_HOME");
    }
    symlinkSync(join(pulumiHome, "plugins"), join(home, "plugins"));
    const env: NodeJS.ProcessEnv = {
        ...environment.env,
        PULUMI_HOME: home,
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
    };
    for (const name of USERS) {
        delete env[name];
    }
    const result = await work(env);
    const left = stacksIn(state);
    if (left.length > 0) {
        console.error(
            `Stacks left behind by the tests: ${left.join(", ")}. Their state is kept in ${folder}.`,
        );
    } else {
        rmSync(folder, { recursive: true, force: true });
    }
    return result;
}

function stacksIn(state: string): string[] {
    try {
        return readdirSync(join(state, ".pulumi", "stacks"), { recursive: true, encoding: "utf8" }).filter(
            (name) => name.endsWith(".json"),
        );
    } catch {
        return [];
    }
}
