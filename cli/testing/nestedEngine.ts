/** Docker engines in containers of this machine's engine, each of a release of Debian. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { waitFor } from "../../common/time";
import { tailOfContainer } from "../../engine/client";
import { mayLive, thisProcess, type Owner } from "../local/owner";
import { CHECKOUT, PROJECT } from "../local/paths";
import { ensureBaseImage } from "../setup/baseImage";
import { connect } from "../setup/connection";
import { buildImage } from "../setup/imageBuild";
import { step } from "../terminal/steps";
import { removeAll, type Thing } from "./leftovers";

/** This label names the process that made a thing, and the folder on this machine that belongs to the thing. */
const OWNER = `${PROJECT}.test-engine`;
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 200;
const SHOWN_LINES = 20;

type FolderOwner = Owner & { readonly folder: string };

/**
 * The privileges that dockerd needs to make containers, networks and mounts. A privileged container would ask for
 * every capability, and a virtual machine may lack one.
 */
export const PRIVILEGES: Docker.HostConfig = {
    CapAdd: ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH"],
    SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined"],
    DeviceCgroupRules: ["a *:* rwm"],
    MaskedPaths: [],
    ReadonlyPaths: [],
};

/**
 * Makes the image of an engine, and the base image below it.
 *
 * @param suite a release of Debian
 * @returns the image's name
 */
export async function engineImage(docker: Docker, suite: string): Promise<string> {
    await ensureBaseImage(docker);
    const tag = `${PROJECT}/e2e-engine:${suite}`;
    await step(`Image ${tag}, build`, (report) => {
        const context = join(CHECKOUT, "images", "engine");
        return buildImage(docker, { tag, context, buildArgs: { SUITE: suite } }, report);
    });
    return tag;
}

/** Labels for containers, networks and volumes that the next run removes if this process does not. */
export function ownedBy(folder: string): Record<string, string> {
    return { [OWNER]: JSON.stringify({ ...thisProcess(), folder }) };
}

/**
 * Waits until the engine in a container answers.
 *
 * @param docker the engine of the container
 * @param socket the address of the engine in the container, as unix://PATH
 * @throws the container's last lines, if the engine ends or does not answer within a minute
 */
export async function answering(docker: Docker, id: string, socket: string): Promise<Docker> {
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

/** Removes the engines of interrupted test processes, with their networks, volumes and folders. */
export async function removeDead(docker: Docker): Promise<void> {
    const folders = new Set<string>();
    await removeAll(async () => {
        const things = (await owned(docker)).filter(({ owner }) => !mayLive(owner));
        things.forEach(({ owner }) => folders.add(owner.folder));
        return things;
    });
    for (const folder of folders) {
        rmSync(folder, { recursive: true, force: true });
        console.log(`Removed the engine of an interrupted run: ${folder}`);
    }
}

/** Removes the containers, networks and volumes with a folder, and the folder. */
export async function removeOwn(docker: Docker, folder: string): Promise<void> {
    await removeAll(() => thingsOf(docker, folder));
    rmSync(folder, { recursive: true, force: true });
}

/** The containers, networks and volumes with a folder. */
export async function thingsOf(docker: Docker, folder: string): Promise<Thing[]> {
    return (await owned(docker)).filter(({ owner }) => owner.folder === folder);
}

/** The things with an owner, in the order in which they can be removed. */
async function owned(docker: Docker): Promise<(Thing & { owner: FolderOwner })[]> {
    const filters = { label: [OWNER] };
    const [containers, networks, { Volumes }] = await Promise.all([
        docker.listContainers({ all: true, filters }),
        docker.listNetworks({ filters }),
        docker.listVolumes({ filters }),
    ]);
    return [
        ...containers.map(({ Id, Labels }) => ({
            what: `container ${Id}`,
            owner: ownerIn(Labels),
            remove: () => docker.getContainer(Id).remove({ force: true, v: true }),
        })),
        ...networks.map(({ Id, Name, Labels }) => ({
            what: `network ${Name}`,
            owner: ownerIn(Labels),
            remove: () => docker.getNetwork(Id).remove(),
        })),
        ...(Volumes ?? []).map(({ Name, Labels }) => ({
            what: `volume ${Name}`,
            owner: ownerIn(Labels),
            remove: () => docker.getVolume(Name).remove(),
        })),
    ];
}

function ownerIn(labels: Record<string, string> | undefined): FolderOwner {
    return JSON.parse(labels?.[OWNER] ?? "") as FolderOwner;
}
