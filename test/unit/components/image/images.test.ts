import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type Docker from "dockerode";

import { groundOf, platformImage, SourceImage } from "../../../../components/image/sourceImage";
import { reasonFor } from "../../../../cli/upkeep/images";
import { faults, declared } from "../../../support/program/policies";
import { recorded, recordedState, recordResources, value } from "../../../support/program/recording";

const IMAGE = "docker:index/remoteImage:RemoteImage";
const BASE = "0123456789ab";

describe("images", () => {
    recordResources();

    const source = { context: "images/gateway", repository: "seismic-mlops/gateway" };

    it("have another name on another base, and the same identity of their source", async () => {
        const [bare, old, patched] = [undefined, BASE, "ba987654321f"].map(
            (base, index) => new SourceImage(`image${index}`, { ...source, base }),
        );
        const names = await Promise.all([bare, old, patched].map((image) => value(image!.reference)));
        expect(names).to.deep.equal([bare!.tag, `${bare!.tag}-${BASE}`, `${bare!.tag}-ba987654321f`]);
        // Releases, promotion and rollback compare this tag.
        expect(new Set([bare, old, patched].map((image) => image!.tag)).size).to.equal(1);
    });

    it("can be found by the identity of their source too, as records name them", async () => {
        const parent = new SourceImage("parent", source);
        await value(parent.reference);
        const image = platformImage("its", "mlflow", { base: BASE }, parent);
        await value(image.reference);
        const { name, build } = recorded.at(-1)!.inputs as {
            name: string;
            build: { tags: string[] };
        };
        expect(build.tags).to.deep.equal([image.tag]);
        expect(name).to.equal(`${image.tag}-${BASE}`);
        expect(faults(declared(IMAGE, { name, build: { context: "." } }))).to.deep.equal([]);
    });

    it("are kept while a release is of their source, whatever their base", () => {
        const tag = `seismic-mlops/trainer:${"a".repeat(16)}`;
        const needs = new Map([[tag, "release x"]]);
        expect(reasonFor(tag, "id", needs)).to.equal("release x");
        expect(reasonFor(`${tag}-${BASE}`, "id", needs)).to.equal("release x");
        expect(reasonFor(`seismic-mlops/trainer:${"b".repeat(16)}-${BASE}`, "id", needs)).to.equal(undefined);
    });

    const engine = (inspect: () => Promise<unknown>) =>
        ({ getImage: () => ({ inspect }) }) as unknown as Docker;
    const based = engine(() => Promise.resolve({ Id: `sha256:${BASE}${"c".repeat(52)}` }));
    const bare = engine(() => Promise.reject(Object.assign(new Error("none"), { statusCode: 404 })));

    it("are on the base that the engine has", async () => {
        expect(await groundOf(based)).to.deep.equal({ base: BASE });
    });

    it("are not built where the engine has none, and it is said how it gets one", async () => {
        const isPreview = (it: boolean) =>
            pulumi.runtime.setMocks(
                { newResource: recordedState, call: () => ({}) },
                "seismic-mlops",
                "dev",
                it,
            );
        await isPreview(false);
        const error = await groundOf(bare).catch((it: unknown) => it);
        expect(String(error)).to.match(/no image seismic-mlops\/base:trixie.*make it: npm run setup$/);
        await isPreview(true);
        expect(await groundOf(bare)).to.deep.equal({ base: undefined });
    });
});
