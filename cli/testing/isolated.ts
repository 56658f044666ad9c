/** A Pulumi environment for the end-to-end tests, with its own state, passphrase and Pulumi home. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../setup/prepare";
import { RUN, type TestRun } from "./runs";

/** The user's settings of a backend, which must not reach a test. */
const USERS = [
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_CREDENTIALS_PATH",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_STACK",
];

/** Runs `work` with such an environment in the run's folder, and names the stacks that it leaves. */
export async function isolated<T>(
    environment: Environment,
    run: TestRun,
    work: (env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
    const [home, state, temporary] = ["home", "state", "tmp"].map((name) => join(run.folder, name)) as [
        string,
        string,
        string,
    ];
    for (const folder of [home, state, temporary]) {
        mkdirSync(folder);
    }
    const pulumiHome = environment.variables.PULUMI_HOME;
    if (pulumiHome === undefined) {
        throw new Error("setup sets PULUMI_HOME");
    }
    symlinkSync(join(pulumiHome, "plugins"), join(home, "plugins"));
    const env: NodeJS.ProcessEnv = {
        ...environment.env,
        PULUMI_HOME: home,
        PULUMI_BACKEND_URL: `file://${state}`,
        [RUN]: run.name,
        TMPDIR: temporary,
        PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
    };
    for (const name of USERS) {
        delete env[name];
    }
    const result = await work(env);
    const left = stacksIn(state);
    if (left.length > 0) {
        console.error(`Stacks left behind by the tests: ${left.join(", ")}`);
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
