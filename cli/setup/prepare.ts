/** Everything that the project needs on this machine. A quick check finds the missing parts, and setup makes them. */
import { delimiter, dirname, join } from "node:path";
import { type EngineAddress, USUAL } from "../../engine/address";
import { findAddress } from "../../engine/client";
import { ensureBaseImage, readyBaseImage } from "./baseImage";
import { masked } from "../local/backend";
import { ensureFilter } from "../local/checkout";
import { ensureEngine, readyEngine } from "./engine";
import { withLock } from "../local/lock";
import { cacheFolder } from "../local/paths";
import { stateEnvironment, type StateEnvironment } from "../local/state";
import { duration } from "../terminal/steps";
import { together } from "../local/together";
import { ensureToolchain, readyToolchain, type Toolchain } from "./toolchain";

/** How to run Pulumi for this project. */
export interface Environment {
    readonly pulumi: string;
    /** The folder of `pulumi`, first on PATH so that it finds its language host. */
    readonly bin: string;
    /** The variables that setup adds to a process's environment, without PATH. */
    readonly variables: Readonly<Record<string, string>>;
    /** A complete environment for a child process. */
    readonly env: NodeJS.ProcessEnv;
}

/** Makes the missing parts, prints a line for each step, and returns how to run Pulumi. */
export async function prepare(): Promise<Environment> {
    const began = Date.now();
    const environment = (await lookUp()) ?? (await withLock(join(cacheFolder(), "setup.locks"), make));
    await ensureFilter();
    const { host, source } = await findAddress();
    if (source !== USUAL) {
        console.log(`Docker engine: ${masked(host)} (${source})`);
    }
    console.log(`Setup: ready in ${duration(Date.now() - began)}`);
    return environment;
}

/**
 * The environment of a finished setup; undefined when something is not made yet. Does not ask whether the engine is
 * good enough.
 */
export async function existingEnvironment(timeoutMs?: number): Promise<Environment | undefined> {
    const toolchain = readyToolchain();
    const state = stateEnvironment(process.env, false);
    return toolchain === undefined || state === undefined
        ? undefined
        : environmentOf(toolchain, state, await findAddress(timeoutMs));
}

async function lookUp(): Promise<Environment | undefined> {
    const toolchain = readyToolchain();
    const state = stateEnvironment(process.env, false);
    if (toolchain === undefined || state === undefined) {
        return undefined;
    }
    const engine = await readyEngine();
    if (engine === undefined || !(await readyBaseImage(engine.docker))) {
        return undefined;
    }
    return environmentOf(toolchain, state, await findAddress());
}

async function make(): Promise<Environment> {
    // First check everything that can be refused: nobody should wait minutes for a build, and then read about a wrong
    // setting.
    const state = stateEnvironment(process.env, true);
    if (state === undefined) {
        throw new Error("stateEnvironment makes what is missing");
    }
    const engine = await ensureEngine();
    // The base image mostly waits for the network, while the toolchain uses every core.
    const [toolchain] = await together(ensureToolchain, () => ensureBaseImage(engine.docker));
    return environmentOf(toolchain, state, await findAddress());
}

function environmentOf(toolchain: Toolchain, state: StateEnvironment, engine: EngineAddress): Environment {
    const variables = {
        PULUMI_HOME: toolchain.home,
        ...state,
        PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        ...engine.variables,
    };
    const bin = dirname(toolchain.pulumi);
    return {
        pulumi: toolchain.pulumi,
        bin,
        variables,
        env: { ...process.env, ...variables, PATH: withFirst(bin, process.env.PATH ?? "") },
    };
}

/** Adds `folder` to the front of `path`, if `path` does not have it. */
export function withFirst(folder: string, path: string): string {
    return path.split(delimiter).includes(folder) ? path : [folder, path].join(delimiter);
}
