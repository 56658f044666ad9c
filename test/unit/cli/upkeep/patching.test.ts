import { expect } from "chai";
import type Docker from "dockerode";

import { servedImages } from "../../../../cli/upkeep/images";
import { changedPackages, newerThan, parsePackages } from "../../../../cli/upkeep/patching";

const HASH = "a".repeat(16);
/** A frame of standard output, as the engine sends it. */
const frame = (text: string) =>
    Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]);

describe("patching", () => {
    it("tells what changed from one list of packages to another, by name", () => {
        const [before, after] = ["a\t1\nb\t2\nc\t3\n", "a\t1\nc\t4\nd\t5\n"].map(parsePackages);
        expect(changedPackages(before!, after!)).to.deep.equal(["b 2 → (none)", "c 3 → 4", "d (none) → 5"]);
        expect(changedPackages(before!, before!)).to.deep.equal([]);
    });

    it("asks Debian in a container of the image, which is removed, and changes nothing else", async () => {
        const calls: string[] = [];
        const said =
            "The following packages will be upgraded:\n   libssl3t64 (3.5.1-1 => 3.5.4-1)\n1 upgraded\n";
        const container = {
            start: () => Promise.resolve(void calls.push("start")),
            logs: ({ follow }: { follow: boolean }) =>
                Promise.resolve(follow ? { on: () => undefined } : frame(said)),
            wait: () => Promise.resolve({ StatusCode: 0 }),
            remove: () => Promise.resolve(void calls.push("remove")),
        };
        const engine = {
            createContainer: ({ Image, Cmd }: Docker.ContainerCreateOptions) => {
                calls.push(`${Image}: ${Cmd!.at(-1)}`);
                return Promise.resolve(container);
            },
        } as unknown as Docker;
        expect([...(await newerThan(engine, "base"))]).to.deep.equal([["libssl3t64", "3.5.1-1 → 3.5.4-1"]]);
        expect(calls).to.deep.equal([
            "base: apt-get update >&2 && apt-get --simulate --verbose-versions dist-upgrade",
            "start",
            "remove",
        ]);
    });

    it("looks at the images that the stack's own services run", async () => {
        const service = (stack: string, role: string, Image: string) => ({
            Spec: {
                Name: `seismic-mlops-${stack}-${role}`,
                Labels: { "seismic.stack": stack, "seismic.role": role },
                TaskTemplate: { ContainerSpec: { Image } },
            },
        });
        const services = [
            service("dev", "serving", `seismic-mlops/trainer:${HASH}-0123456789ab`),
            service("dev", "status", `seismic-mlops/trainer:${HASH}-0123456789ab`),
            service("dev", "gateway", `seismic-mlops/gateway:${HASH}@sha256:${"b".repeat(64)}`),
            service("dev", "ollama", "ollama/ollama:0.12.6"),
            service("dev", "mlflow", `127.0.0.1:5010/seismic-mlops/mlflow@sha256:${"d".repeat(64)}`),
            service("dev", "grafana", `127.0.0.1:5010/others/grafana@sha256:${"d".repeat(64)}`),
            service("staging", "gateway", `seismic-mlops/gateway:${"c".repeat(16)}`),
        ];
        const engine = { listServices: () => Promise.resolve(services) } as unknown as Docker;
        expect(await servedImages(engine, { project: "seismic-mlops", stack: "dev" })).to.deep.equal([
            `127.0.0.1:5010/seismic-mlops/mlflow@sha256:${"d".repeat(64)}`,
            `seismic-mlops/gateway:${HASH}`,
            `seismic-mlops/trainer:${HASH}-0123456789ab`,
        ]);
    });
});
