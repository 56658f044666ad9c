import { expect } from "chai";
import type Docker from "dockerode";

import type { TestEngine } from "./engine";

const ROLE = "seismic.role";
/** Parts whose memory a survey decides: components/service/bounds.ts. */
const UNLIMITED = ["retraining", "training"];
const OWNER_ONLY = 0o400;

/** A file of the engine that a task sees: a secret or a config. */
interface EngineFile {
    File: { Name: string; UID: string; Mode: number };
}

/**
 * Asserts for each container of a stack what confines it, by the engine's words and from the inside.
 *
 * @returns the roles of the containers, sorted
 */
export async function expectConfined(engine: TestEngine): Promise<string[]> {
    const containers = await engine.everyContainer();
    await Promise.all(
        containers.map(async ({ Id, Labels, State }) => {
            const role = Labels[ROLE]!;
            const inspected = await engine.docker.getContainer(Id).inspect();
            expectDeclared(role, inspected);
            if (State === "running") {
                await expectInside(engine, role, inspected);
            } else {
                expectAlone(role, inspected);
            }
        }),
    );
    return [...new Set(containers.map(({ Labels }) => Labels[ROLE]!))].sort();
}

function expectDeclared(role: string, { Config, HostConfig }: Docker.ContainerInspectInfo): void {
    expect(HostConfig.CapDrop, role).to.deep.equal(["ALL"]);
    expect(HostConfig.CapAdd ?? [], role).to.deep.equal([]);
    expect(HostConfig.Privileged, role).to.equal(false);
    expect(HostConfig.ReadonlyRootfs, role).to.equal(true);
    expect(HostConfig.Memory! > 0, `${role}: a limit of memory`).to.equal(!UNLIMITED.includes(role));
    expect(Config.User, role).not.to.match(/^(root|0+)?(:|$)/);
}

/** The declarations of a container that ran once. */
function expectAlone(role: string, { HostConfig }: Docker.ContainerInspectInfo): void {
    expect(HostConfig.SecurityOpt, role).to.deep.equal(["no-new-privileges:true"]);
    expect(HostConfig.Ulimits, role).to.deep.equal([{ Name: "nproc", Soft: 16384, Hard: 16384 }]);
    expect(HostConfig.NetworkMode === "none", `${role}: without a network`).to.equal(role === "survey-demo");
}

async function expectInside(
    engine: TestEngine,
    role: string,
    { Id, Mounts }: Docker.ContainerInspectInfo,
): Promise<void> {
    const sh = async (text: string) => (await engine.exec(Id, ["sh", "-c", text])).trim();
    const status = await sh("grep -hE '^(CapBnd|NoNewPrivs|Max processes)' /proc/1/status /proc/1/limits");
    const lines = status.split("\n").map((line) => line.replace(/\s+/g, " ").trim());
    expect(lines, role).to.deep.equal([
        "CapBnd: 0000000000000000",
        "NoNewPrivs: 1",
        "Max processes 16384 16384 processes",
    ]);
    const uid = await sh("id -u");
    expect(uid, role).not.to.equal("0");

    const writable = await sh("find / -xdev -type d -writable");
    const mounts = Mounts.filter(({ RW }) => RW).map(({ Destination }) => Destination);
    // /dev/mqueue and /dev/shm are the engine's own, in memory.
    expect(
        writable.split("\n").filter((path) => !path.startsWith("/dev/")),
        role,
    ).to.have.members(mounts);
    expect(await sh("touch /here 2>&1"), role).to.match(/Read-only file system$/);
    expect(await sh("touch /tmp/here && echo done"), role).to.equal("done");

    const files = await filesOf(engine, role);
    for (const { File } of files) {
        const name = File.Name.startsWith("/") ? File.Name : `/run/secrets/${File.Name}`;
        expect(File, name).to.include({ UID: uid, Mode: OWNER_ONLY });
        expect(await sh(`stat -c '%a %u' ${name} && test -r ${name} && echo readable`), name).to.equal(
            `400 ${uid}\nreadable`,
        );
    }
}

async function filesOf(engine: TestEngine, role: string): Promise<EngineFile[]> {
    const { Spec } = (await engine.docker.getService(engine.physical(role)).inspect()) as Docker.Service;
    const { ContainerSpec } = Spec!.TaskTemplate as Docker.ContainerTaskSpec;
    const { Secrets = [], Configs = [] } = ContainerSpec as {
        Secrets?: EngineFile[];
        Configs?: EngineFile[];
    };
    return [...Secrets, ...Configs];
}
