/** Engines of other releases. Each is in a container with its own network, and the tests run in this network. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { BASE_IMAGE } from "../setup/baseImage";
import { ensureEngine } from "../setup/engine";
import { copyImage } from "../setup/imageBuild";
import { CHECKOUT } from "../local/paths";
import { runOnTerminal } from "../local/processes";
import { answering, engineImage, ownedBy, PRIVILEGES, removeDead } from "./nestedEngine";
import { RECORDS } from "./runs";
import { readTally, settled, type Tally } from "./tally";

/** The Debian releases with a tested engine: 26.1 and 28.5 in November 2026. */
export const SUITES = ["trixie", "sid"] as const;
export type Suite = (typeof SUITES)[number];

/** The newest engine, with the oldest API that Docker 29 accepts. */
export const NEWEST = { suite: "sid", minApi: "1.44" } as const;

/** @throws when no engine of this release is tested */
export function asSuite(name: string): Suite {
    const suite = SUITES.find((it) => it === name);
    if (suite === undefined) {
        throw mistake(`--engine: got ${name}; allowed: ${SUITES.join(", ")}.`);
    }
    return suite;
}

/** dockerd's own variable: the oldest API that it accepts. */
const MIN_API = "DOCKER_MIN_API_VERSION";
/** The file that `npm test` writes its counts to. */
export const TALLY = "TEST_TALLY_FILE";
/** Whether this process may enter the network of a container. */
export function mayRunEngines(): boolean {
    return process.platform === "linux" && process.getuid?.() === 0;
}

/**
 * Runs parts of the tests in the network of such an engine. There, the ports that it publishes are ports of
 * localhost.
 *
 * @param parts words of `npm test`
 * @param minApi the oldest API that the engine accepts; undefined leaves it to the engine
 */
export async function onEngine(
    suite: Suite,
    parts: readonly string[],
    minApi = process.env[MIN_API],
): Promise<Tally> {
    if (!mayRunEngines()) {
        throw mistake(`--engine ${suite}: only root may enter the engine's network. Run it with sudo -E.`);
    }
    const { docker } = await ensureEngine();
    await removeDead(docker);
    const image = await engineImage(docker, suite);
    const folder = mkdtempSync(join(tmpdir(), "seismic-engine-"));
    const container = await docker.createContainer(specOf(image, folder, minApi));
    try {
        await container.start();
        const socket = `unix://${socketIn(folder)}`;
        const nested = await answering(docker, container.id, socket);
        await copyImage(docker, [nested], BASE_IMAGE);
        const { State } = await container.inspect();
        const { Version, ApiVersion, MinAPIVersion } = await nested.version();
        console.log(`Docker engine: ${Version}, API ${MinAPIVersion} to ${ApiVersion}`);
        const code = await runOnTerminal(
            "nsenter",
            [
                ...[`--net=/proc/${State.Pid}/ns/net`, "--", process.execPath],
                ...["--require", "./runtime/strip.cjs", "cli/mlops.ts", "test", ...parts],
            ],
            environmentIn(folder),
            CHECKOUT,
        );
        return settled(readTally(tallyIn(folder)), code);
    } finally {
        await container.remove({ force: true, v: true });
        rmSync(folder, { recursive: true, force: true });
    }
}

function specOf(image: string, folder: string, minApi?: string): Docker.ContainerCreateOptions {
    // The socket, and the folders that tests bind into containers, have the same paths in both places.
    const shared = [folder, CHECKOUT];
    return {
        Image: image,
        Cmd: ["--host", `unix://${socketIn(folder)}`],
        Env: minApi === undefined || minApi === "" ? [] : [`${MIN_API}=${minApi}`],
        Labels: ownedBy(folder),
        HostConfig: { ...PRIVILEGES, Binds: shared.map((it) => `${it}:${it}`) },
    };
}

/** All files of the tests are in the engine's folder, and are removed with it. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
    const temporary = join(folder, "tmp");
    mkdirSync(temporary);
    return {
        ...process.env,
        DOCKER_HOST: `unix://${socketIn(folder)}`,
        DOCKER_CONTEXT: undefined,
        TMPDIR: temporary,
        [RECORDS]: join(folder, "runs"),
        [TALLY]: tallyIn(folder),
    };
}

function tallyIn(folder: string): string {
    return join(folder, "tally.json");
}

function socketIn(folder: string): string {
    return join(folder, "docker.sock");
}
