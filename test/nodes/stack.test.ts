import { expect } from "chai";

import { BASE_IMAGE } from "../../cli/setup/baseImage";
import { fails, succeeds } from "../support/expectations";
import type { Balanced } from "../support/nodes/balancer";
import { Door } from "../support/nodes/door";
import { NodesLab } from "../support/nodes/lab";
import { LabStack } from "../support/nodes/labStack";
import type { TestProject } from "../support/stack/project";
import type { Config, TestStack } from "../support/stack/stack";
import { stub } from "../support/stack/stub";
import { suiteStacks } from "../support/stack/suite";

const NODES = [1, 2, 3];
const NAMES = ["node1", "node2", "node3"];
const OTHERS = [2, 3];
/**
 * Replicas were complete again 20 s after a node's loss, and 54 s after the loss of the node that led the swarm. The
 * rest is for a machine that is busy.
 */
const RECOVERY_SECONDS = 80;
/** The services that cannot get their images from the registry, because they are the way to it. */
const WAY = ["image-door", "image-store"];

/** The part of a stack's exported state that names images. */
interface Exported {
    readonly deployment: {
        readonly resources: readonly { readonly urn: string; readonly inputs?: { readonly name?: string } }[];
    };
}

/** One stack on three nodes, from nothing to nothing. Each test begins where the one before ended. */
describe("a stack on several nodes", function () {
    this.timeout("10m");
    this.bail(true);
    let lab: NodesLab;
    let project: TestProject;
    let make: (name: string) => Promise<TestStack>;
    let stack: TestStack;
    let served: LabStack;

    before(async () => {
        lab = await NodesLab.up({ nodes: 3, managers: 3 });
        // It has the volumes, and builds.
        await lab.copyImage(lab.machine, [BASE_IMAGE], [1]);
    });
    suiteStacks((made, create) => {
        project = made;
        make = (name) => create(name, {}, lab.node(1));
    });
    after(() => lab.down());

    const configure = (it: TestStack, config: Config = {}) =>
        it.configure({
            ...{ environment: "staging", ...stub() },
            registry: { builtIn: true, port: it.ports.registry },
            serving: { port: it.ports.api, replicas: 3 },
            ...config,
        });
    const prepare = (it: TestStack, ...more: string[]) =>
        it.script("nodes", "prepare", ...OTHERS.map((k) => lab.node(k).host), "--stack", it.name, ...more);
    /** Prints what the figures of docs and decisions are compared with. */
    const tell = (what: string, { asked, retried }: Balanced, ...more: string[]) =>
        console.log([`      ${what}: 0 of ${asked} failed, ${retried} asked again`, ...more].join(", "));
    const expectReplica = async (k: number) =>
        expect(await lab.swarm.running(served.serving)).to.include(`node${k}`);
    /** Cuts the power of a node, and has it back once the replicas are complete without it. */
    const lose = async (k: number) => {
        await expectReplica(k);
        const lost = await served.api.during(async () => {
            await lab.powerCut(k);
            return lab.swarm.runs(served.serving, 3, `node${k}`);
        });
        tell(`power cut of node ${k}`, lost, `3 of 3 replicas after ${lost.result.toFixed(1)} s`);
        expect(lost.result).to.be.lessThan(RECOVERY_SECONDS);
    };
    const comeBack = async (k: number) => {
        const back = await served.api.during(async () => {
            await lab.start(k);
            await served.answersAt(k);
        });
        tell(`return of node ${k}`, back);
    };

    it("fails up when a node cannot reach the registry, and says which node and how", async () => {
        stack = await make(project.name);
        configure(stack);
        // The engine may give up before each of the nodes has tried.
        const lacking =
            /node[23](, node3 lack| lacks) the image by which a node reaches the stack's registry/;
        fails(await stack.up(), lacking, "npm run mlops -- nodes prepare");
    });

    it("gives nodes the image that they lack, when it is told to", async () => {
        const shown = await prepare(stack);
        succeeds(shown);
        expect(shown.output).to.match(/node2: .* missing\nnode3: .* missing\nNothing was changed/);
        const copied = await prepare(stack, "--yes");
        succeeds(copied);
        expect(copied.output).to.match(/node2: .*: copied\nnode3: .*: copied/);
        expect((await prepare(stack)).output).to.match(/node2: .* is there\nnode3: .* is there\n$/);
    });

    it("comes up with a replica and a gateway on each node, all images by their digests", async () => {
        succeeds(await stack.up());
        served = await LabStack.of(lab, stack, NODES);
        expect(await lab.swarm.running(served.serving)).to.deep.equal(NAMES);
        for (const k of NODES) {
            await served.answersAt(k);
            expect(await served.api.versionAt(lab.node(k).address)).to.equal("1");
        }
        for (const { role, image } of await served.services(1)) {
            const registry = `127.0.0.1:${stack.ports.registry}/`;
            expect(image.startsWith(registry) && image.includes("@sha256:"), `${role}: ${image}`).to.equal(
                !WAY.includes(role),
            );
        }
        succeeds(await stack.preview("--expect-no-changes", "--diff"));
    });

    it("lets a node's own engine read from the registry, and nobody write without a login", async () => {
        for (const k of NODES) {
            const door = new Door(lab.node(k), stack.ports.registry);
            expect(await door.status("GET", "127.0.0.1")).to.equal("200");
            expect(await door.status("POST", "127.0.0.1")).to.equal("405");
            expect(await door.status("GET", "127.0.0.2")).to.equal("401");
            expect(await door.statusFrom(), "from this machine").to.equal(undefined);
            const other = lab.node((k % NODES.length) + 1);
            expect(await door.statusFrom(other), `from ${other.name}`).to.equal(undefined);
        }
        const pushed = new Door(lab.node(1), stack.ports.registry).push(BASE_IMAGE);
        expect(await pushed.catch(String)).to.match(/no basic auth credentials/);
    });

    it("is changed by the engine of the node with its volumes only", async () => {
        const before = await served.services(1);
        const other = stack.seenBy(lab.node(2));
        configure(other, { logLevel: "DEBUG" });
        fails(
            await other.up(),
            "names the engine of node2; the stack's volumes are on node1, which is ready",
        );
        expect(await served.services(1)).to.deep.equal(before);
        configure(stack);
    });

    it("answers while a node without volumes is lost, and has its replicas again", async () => {
        await lose(3);
        await comeBack(3);
    });

    it("answers while the node with the volumes is lost, and has MLflow again with the node", async () => {
        await lose(1);
        expect(await served.champion(2)).to.equal(undefined);
        const began = Date.now();
        await comeBack(1);
        const registry = await served.api.during(() => served.championAgain(2));
        expect(registry.result).to.equal("1");
        tell("return of MLflow", registry, `after ${((Date.now() - began) / 1000).toFixed(1)} s`);
        const again = await served.api.during(() => stack.up());
        succeeds(again.result);
        tell("up after it", again);
        const { releases } = await stack.outputs();
        expect(releases.map(({ version }) => version)).to.deep.equal(["1"]);
        succeeds(await stack.preview("--expect-no-changes", "--diff"));
    });

    it("answers while nodes are drained, one after another", async () => {
        for (const k of OTHERS) {
            await expectReplica(k);
            const drained = await served.api.during(async () => {
                await lab.drain(k);
                const seconds = await lab.swarm.runs(served.serving, 3, `node${k}`);
                await lab.activate(k);
                await served.answersAt(k);
                return seconds;
            });
            tell(`drain of node ${k}`, drained, `moved in ${drained.result.toFixed(1)} s`);
        }
    });

    it("promotes the very image that the stack before validated, to a stack with another registry", async () => {
        const { commit, imageDigest } = (await stack.outputs()).releases[0]!;
        const next = await make(`${project.name}-next`);
        configure(next, { environment: "dev", promoteFrom: stack.name, release: commit });
        succeeds(await prepare(next, "--yes"));
        const promoted = await served.api.during(() => next.up());
        succeeds(promoted.result);
        tell("promotion", promoted);
        const another = await LabStack.of(lab, next, NODES);
        expect(await lab.swarm.running(another.serving)).to.deep.equal(NAMES);
        // An image that is built again from the same cache would have the same identity.
        const { output } = await next.pulumi("stack", "export", "--stack", next.name);
        const { resources } = (JSON.parse(output) as Exported).deployment;
        const built = resources.find(({ urn }) => urn.endsWith("::trainer-build"));
        expect(built?.inputs?.name).to.equal(imageDigest).and.not.equal(undefined);
        const images = await served.servedImages();
        expect(images).to.have.length(1);
        expect(await another.servedImages()).to.deep.equal(images);
    });
});
