import { expect } from "chai";

import { BuiltInStore } from "../../../../components/store/builtInStore";
import { mayPush, renderDoor } from "../../../../components/store/imageDoor";
import { doorSource } from "../../../../components/store/images";
import { imageTag } from "../../../../components/image/sourceImage";
import { deployment, recorded, recordResources, value } from "../../../support/program/recording";

const SERVICE = "docker:index/service:Service";

interface Declared {
    name: string;
    mode: object;
    endpointSpec: { ports: { publishedPort: number; publishMode: string }[] };
    taskSpec: { containerSpec: { image: string }; placement: { constraints: string[] } };
}

describe("the stack's own registry", () => {
    recordResources();
    const config = { builtIn: true, port: 5011 };

    it("stays with its volume, and has a door on each node with an image that no update of the base changes", async () => {
        const engine = { ...deployment.engine, listNodes: () => Promise.resolve([]) } as never;
        const base = "0123456789ab";
        const store = new BuiltInStore("images", { deployment: { ...deployment, engine, base }, config });
        for (const { service } of store.services) {
            await value(service.rollout);
        }
        expect(store).to.include({ address: "127.0.0.1:5011", pushAddress: "127.0.0.2:5011" });
        const services = recorded
            .filter(({ type }) => type === SERVICE)
            .map(({ inputs }) => inputs as unknown as Declared);
        const named = (role: string) => services.find(({ name }) => name === `${deployment.prefix}-${role}`)!;
        const [kept, door] = [named("image-store"), named("image-door")];
        expect(kept.mode).to.deep.equal({ replicated: { replicas: 1 } });
        expect(kept.endpointSpec.ports).to.deep.equal([]);
        expect(kept.taskSpec.placement.constraints).to.deep.equal(["node.id==node1"]);
        expect(door.mode).to.deep.equal({ global: true });
        expect(door.taskSpec.placement.constraints).to.deep.equal(["node.platform.os==linux"]);
        expect(door.taskSpec.containerSpec.image).to.equal(imageTag(doorSource(config)));
        expect(door.taskSpec.containerSpec.image).to.match(
            /^127\.0\.0\.1:5011\/seismic-mlops\/image-door:[0-9a-f]{16}$/,
        );
        expect(door.endpointSpec.ports).to.have.length(1);
        expect(door.endpointSpec.ports[0]).to.include({ publishedPort: 5011, publishMode: "host" });
    });

    it("answers the node's own engine only, reads at one name and writes at another", () => {
        const lines = renderDoor("image-store", 5000)
            .split("\n")
            .map((line) => line.trim());
        const rules = lines.filter((line) => /^(tcp|http)-request /.test(line));
        expect(rules[0]).to.equal('tcp-request connection reject if !{ src "${MACHINE}" }');
        expect(rules[1]).to.match(/^http-request deny .* if reads_only !METH_GET /);
        expect(rules[2]).to.match(
            /^http-request return status 401 .* if !reads_only !\{ req\.hdr\(authorization\)/,
        );
        expect(lines).to.include("acl reads_only hdr_beg(host) 127.0.0.1:");
        expect(mayPush("stack", "p")).to.equal("Basic c3RhY2s6cA==\n");
    });
});
