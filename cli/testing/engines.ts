/** Engines of other releases. Each is in a container with its own network, and the tests run in this network. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { waitFor } from "../../common/time";
import { isNotFound, tailOfContainer } from "../../engine/client";
import { BASE_IMAGE, ensureBaseImage } from "../setup/baseImage";
import { ensureEngine } from "../setup/engine";
import { connect } from "../setup/connection";
import { buildImage, followed } from "../setup/imageBuild";
import { mayLive, thisProcess, type Owner } from "../local/owner";
import { CHECKOUT, PROJECT } from "../local/paths";
import { runOnTerminal } from "../local/processes";
import { step } from "../terminal/steps";
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
const OWNER = `${PROJECT}.test-engine`;
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 200;
const SHOWN_LINES = 20;

/**
 * The privileges that dockerd needs to make containers, networks and mounts. A privileged container would ask for
 * every capability, and a virtual machine may lack one.
 */
const PRIVILEGES: Docker.HostConfig = {
    CapAdd: ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH"],
    SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined"],
    DeviceCgroupRules: ["a *:* rwm"],
    MaskedPaths: [],
    ReadonlyPaths: [],
};

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
    await ensureBaseImage(docker);
    await removeDead(docker);
    const image = `${PROJECT}/e2e-engine:${suite}`;
    await step(`Image ${image}, build`, (report) => {
        const context = join(CHECKOUT, "images", "engine");
        return buildImage(docker, { tag: image, context, buildArgs: { SUITE: suite } }, report);
    });
    const folder = mkdtempSync(join(tmpdir(), "seismic-engine-"));
    const container = await docker.createContainer(specOf(image, folder, minApi));
    try {
        await container.start();
        const socket = `unix://${socketIn(folder)}`;
        const nested = await answering(docker, container.id, socket);
        await copyImage(docker, nested, BASE_IMAGE);
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
        Labels: { [OWNER]: JSON.stringify({ ...thisProcess(), folder }) },
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

async function answering(docker: Docker, id: string, socket: string): Promise<Docker> {
    let why = "";
    const answers = await waitFor(
        async () => {
            const engine = await connect(socket);
            if (typeof engine !== "string") {
                return engine.docker;
            }
            why = engine;
            const { State } = await docker.getContainer(id).inspect();
            return State.Running ? undefined : "ended";
        },
        { ms: START_TIMEOUT_MS, everyMs: POLL_MS },
    );
    if (answers === undefined || answers === "ended") {
        const log = await tailOfContainer(docker, id, SHOWN_LINES);
        throw mistake(`The engine in a container does not answer (${why}):\n${log.join("\n")}`);
    }
    return answers;
}

/** Copies an image to another engine, so that its content is not made twice. */
async function copyImage(from: Docker, to: Docker, image: string): Promise<void> {
    await step(`Image ${image}, copy`, async (report) =>
        followed(
            to,
            await to.loadImage(await from.getImage(image).get()),
            `${image}: the copy failed`,
            report,
        ),
    );
}

/** Removes the engines of interrupted test processes. */
async function removeDead(docker: Docker): Promise<void> {
    for (const { Id, Labels } of await docker.listContainers({ all: true, filters: { label: [OWNER] } })) {
        const owner = JSON.parse(Labels[OWNER] ?? "") as Owner & { folder: string };
        if (mayLive(owner)) {
            continue;
        }
        try {
            await docker.getContainer(Id).remove({ force: true, v: true });
        } catch (error) {
            if (!isNotFound(error)) {
                throw error;
            }
        }
        rmSync(owner.folder, { recursive: true, force: true });
        console.log(`Removed the engine of an interrupted run: ${owner.folder}`);
    }
}
