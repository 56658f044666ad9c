import { existsSync } from "node:fs";
import { dirname } from "node:path";

import { expect } from "chai";

import { BASE_IMAGE } from "../../cli/setup/baseImage";
import { buildImage } from "../../cli/setup/imageBuild";
import { nameServers } from "../support/nodes/addresses";
import { NodesLab } from "../support/nodes/lab";
import { NamesService } from "../support/nodes/namesService";
import { temporaryFolder, writeFile } from "../support/temporaryFolder";

const NODES = [1, 2, 3];
const NAMES = ["node1", "node2", "node3"];
describe("a lab of nodes", function () {
    this.timeout("5m");
    let lab: NodesLab;
    let service: NamesService;
    let folder: string;
    temporaryFolder((made) => (folder = made));
    before(async () => {
        lab = await NodesLab.up({ nodes: 3, managers: 1 });
        await lab.copyImage(lab.machine, [BASE_IMAGE], NODES);
    });
    after(async () => {
        await lab.down();
        expect(await lab.left()).to.deep.equal([]);
        expect(existsSync(dirname(dirname(lab.node(1).socket)))).to.equal(false);
    });

    const baseImages = (k: number) => lab.node(k).docker.listImages({ filters: { reference: [BASE_IMAGE] } });
    /** The number of a worker that has a task. */
    const worker = async () => {
        const [name] = (await service.nodes()).filter((it) => it !== "node1");
        return NAMES.indexOf(name!) + 1;
    };

    it("has machines with their own names and engines, in one swarm", async () => {
        for (const k of NODES) {
            const { Name } = (await lab.node(k).docker.info()) as { Name: string };
            expect((await lab.node(k).run(["hostname"])).trim()).to.equal(Name);
            expect(Name).to.equal(`node${k}`);
            const { Spec, Status } = await lab.swarm.seen(lab.node(k));
            expect([Spec.Role, Status.State]).to.deep.equal([k === 1 ? "manager" : "worker", "ready"]);
        }
    });

    it("gives each node the images, and the packages of this machine, so that a node builds images", async () => {
        const update = "apt-get -o Acquire::Retries=0 -o APT::Update::Error-Mode=any update";
        writeFile(`${folder}/Dockerfile`, `FROM ${BASE_IMAGE}\nRUN ${update}\n`);
        const servers = await lab.node(2).run(["cat", "/etc/resolv.conf"]);
        expect(servers.trim().split("\n")).to.deep.equal(nameServers().map((it) => `nameserver ${it}`));
        const { docker } = lab.node(2);
        await buildImage(docker, { tag: "built", context: folder }, () => undefined);
        expect((await docker.getImage("built").inspect()).Os).to.equal("linux");
    });

    it("refuses Docker Hub, so that no task waits for an answer from there", async () => {
        const pull = await lab.node(3).docker.pull("debian:trixie-slim").catch(String);
        expect(pull).to.include("dial tcp 255.255.255.255:443").and.include("unreachable");
    });

    it("carries a service: by its name inside, and by each node's own port from here", async () => {
        service = await NamesService.start(lab, 3);
        for (const k of NODES) {
            expect(await service.ask(k)).to.equal(`node${k}`);
            await service.reaches(k, NAMES);
        }
    });

    it("loses a node by a power cut, with its task, and has it back with its disk", async () => {
        await service.scale(2);
        const lost = await worker();
        await lab.powerCut(lost);
        await lab.swarm.becomes(lab.node(lost), "down");
        await service.runs(2, `node${lost}`);
        expect(await service.ask(lost).catch(() => "nobody")).to.equal("nobody");
        await lab.start(lost);
        expect(await baseImages(lost)).to.have.length(1);
    });

    it("moves the task of a drained node, and gives the node tasks again", async () => {
        const drained = await worker();
        await lab.drain(drained);
        await service.runs(2, `node${drained}`);
        await lab.activate(drained);
        await service.scale(3);
    });

    it("cuts the network between two nodes only, and heals it", async () => {
        await service.reaches(3, NAMES);
        await lab.cutNetwork(2, 3);
        expect(await service.namesFrom(3)).to.deep.equal(["node1", "node3"]);
        expect(await service.namesFrom(2)).to.deep.equal(["node1", "node2"]);
        expect(await service.ask(3)).to.equal("node3");
        await lab.healNetwork(2, 3);
        await service.reaches(3, NAMES);

        await lab.cutNetwork(1, 3);
        await lab.swarm.becomes(lab.node(3), "down");
        await lab.healNetwork(1, 3);
        await lab.swarm.becomes(lab.node(3), "ready");
    });

    it("raises the engine of a node, which keeps its images and its place in the swarm", async () => {
        const before = await lab.swarm.seen(lab.node(2));
        await lab.raise(2, "sid");
        const { ID, Description } = await lab.swarm.seen(lab.node(2));
        expect(ID).to.equal(before.ID);
        expect(before.Description.Engine.EngineVersion).to.match(/^26\./);
        expect(Description.Engine.EngineVersion).to.match(/^28\./);
        expect(await baseImages(2)).to.have.length(1);
        await service.runs(3);
        await service.reaches(2, NAMES);
    });
});
