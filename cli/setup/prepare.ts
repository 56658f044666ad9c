/** Everything that the project needs on this machine: looked up in a moment, made when it is not there. */
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
    /** What setup adds to a process's environment; PATH apart. */
    readonly variables: Readonly<Record<string, string>>;
    /** A whole environment for a child process. */
    readonly env: NodeJS.ProcessEnv;
}

/** Makes what is missing, with a line a step, and tells how to run Pulumi. */
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

/** The environment of a finished setup, asking no engine whether it is fit; undefined when something has yet to be made. */
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
    // What can be refused is asked first: nobody waits minutes for a build to read of a wrong setting.
    const state = stateEnvironment(process.env, true);
    if (state === undefined) {
        throw new Error("stateEnvironment makes what is missing");
    }
    const engine = await ensureEngine();
    // One waits for the network most of the time, the other has enough to do for every core.
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

/** `path` with `folder` in it, in front unless it is in it already. */
export function withFirst(folder: string, path: string): string {
    return path.split(delimiter).includes(folder) ? path : [folder, path].join(delimiter);
}
