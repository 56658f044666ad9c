import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";

import { expect } from "chai";
import type Docker from "dockerode";

import { copyImage } from "../../../../cli/setup/imageBuild";
import { ownedBy, removeDead, removeOwn } from "../../../../cli/testing/nestedEngine";
import { nameServers } from "../../../support/nodes/addresses";
import { temporaryFolder, writeFile } from "../../../support/temporaryFolder";

/** A process id that no machine gives. */
const NO_PROCESS = 2 ** 22 + 1;

/** An engine that lists and removes things with labels. A network is removed only when no container is left. */
class FakeEngine {
    readonly removed: string[] = [];

    constructor(private things: readonly { name: string; labels: Record<string, string> }[]) {}

    get docker(): Docker {
        const of = (kind: string) =>
            this.things
                .filter(({ name }) => name.startsWith(kind))
                .map(({ name, labels }) => ({ Id: name, Name: name, Labels: labels }));
        const thing = (name: string) => ({ remove: () => this.remove(name) });
        return {
            listContainers: () => Promise.resolve(of("container")),
            listNetworks: () => Promise.resolve(of("network")),
            listVolumes: () => Promise.resolve({ Volumes: of("volume") }),
            getContainer: thing,
            getNetwork: thing,
            getVolume: thing,
        } as unknown as Docker;
    }

    private remove(name: string): Promise<void> {
        this.things = this.things.filter((it) => it.name !== name);
        this.removed.push(name);
        return Promise.resolve();
    }
}

describe("engines in containers", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    /** The labels of a thing with a folder of this name, by a process that has ended. */
    function ofDead(name: string): Record<string, string> {
        return Object.fromEntries(
            Object.entries(ownedBy(made(name))).map(([label, owner]) => [
                label,
                JSON.stringify({ ...(JSON.parse(owner) as object), pid: NO_PROCESS }),
            ]),
        );
    }

    function made(name: string): string {
        mkdirSync(join(folder, name), { recursive: true });
        return join(folder, name);
    }

    it("of processes that have ended are removed with networks, disks and folder, and no others", async () => {
        const engine = new FakeEngine([
            { name: "volume-dead", labels: ofDead("dead") },
            { name: "network-dead", labels: ofDead("dead") },
            { name: "container-dead", labels: ofDead("dead") },
            { name: "container-own", labels: ownedBy(made("own")) },
        ]);
        await removeDead(engine.docker);
        expect(engine.removed).to.deep.equal(["container-dead", "network-dead", "volume-dead"]);
        expect([existsSync(join(folder, "dead")), existsSync(join(folder, "own"))]).to.deep.equal([
            false,
            true,
        ]);
    });

    it("with one folder are removed together, and those of another folder are not", async () => {
        const engine = new FakeEngine([
            { name: "container-one", labels: ownedBy(made("one")) },
            { name: "volume-other", labels: ownedBy(made("other")) },
        ]);
        await removeOwn(engine.docker, join(folder, "one"));
        expect(engine.removed).to.deep.equal(["container-one"]);
        expect([existsSync(join(folder, "one")), existsSync(join(folder, "other"))]).to.deep.equal([
            false,
            true,
        ]);
    });

    /** An engine that reads an image, and then tells its end or an error. */
    function reader(answer: object, reads: (text: string) => void = () => undefined): Docker {
        return {
            loadImage: async (content: Readable) => {
                let text = "";
                for await (const part of content) {
                    text += String(part);
                }
                reads(text);
                return Readable.from([`${JSON.stringify(answer)}\n`]);
            },
            modem: {
                followProgress: (
                    stream: Readable,
                    ended: (error: Error | null) => void,
                    onProgress: (event: object) => void,
                ) => {
                    stream.on("data", (line: string) => onProgress(JSON.parse(line) as object));
                    stream.on("end", () => ended(null));
                },
            },
        } as unknown as Docker;
    }

    it("get an image that is read once, and a refusal of one of them is told", async () => {
        let reads = 0;
        const from = {
            getImage: () => ({
                get: () => {
                    reads += 1;
                    const content = new PassThrough();
                    content.end("layers");
                    return Promise.resolve(content);
                },
            }),
        } as unknown as Docker;
        const texts: string[] = [];
        const good = () => reader({ status: "loaded" }, (text) => texts.push(text));
        await copyImage(from, [good(), good()], "image");
        expect([reads, texts]).to.deep.equal([1, ["layers", "layers"]]);
        const refused = await copyImage(from, [good(), reader({ error: "no space left" })], "image").catch(
            String,
        );
        expect(refused).to.include("image: the copy failed: no space left");
    });

    it("ask the name servers of this machine that are not on its loopback", () => {
        const stub = join(folder, "stub");
        const behind = join(folder, "behind");
        writeFile(stub, "nameserver 127.0.0.53\nnameserver ::1\nsearch example.org\n");
        writeFile(behind, "# nameserver 9.9.9.9\nnameserver 10.255.255.53\nnameserver 192.0.2.1\n");
        expect(nameServers([stub, behind])).to.deep.equal(["10.255.255.53", "192.0.2.1"]);
        expect(nameServers([stub, join(folder, "absent")])).to.deep.equal([]);
    });
});
