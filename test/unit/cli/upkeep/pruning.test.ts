import { utimesSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import type Docker from "dockerode";

import { neededByEngine, neededByStack, needs, taggedImages } from "../../../../cli/upkeep/images";
import {
    foundImages,
    foundLogs,
    foundTrees,
    removeFiles,
    removeImages,
} from "../../../../cli/upkeep/pruning";
import { temporaryFolder, writeFile } from "../../../support/temporaryFolder";

const CACHE = "node_modules/.cache/seismic-mlops";
const [A, B, C, D] = ["a", "b", "c", "d"].map((it) => it.repeat(16)) as [string, string, string, string];
const image = (hash: string) => `seismic-mlops/trainer:${hash}`;

/** An engine with these images, containers and services. */
function engineOf(holds: {
    Images?: object[];
    containers?: object[];
    services?: object[];
    images?: object[];
}): Docker {
    return {
        df: () => Promise.resolve({ Images: holds.Images ?? null }),
        listContainers: () => Promise.resolve(holds.containers ?? []),
        listServices: () => Promise.resolve(holds.services ?? []),
        listImages: () => Promise.resolve(holds.images ?? []),
    } as unknown as Docker;
}

const specOf = (Image: string, Source?: string) => ({
    Name: "serving",
    TaskTemplate: { ContainerSpec: { Image, Mounts: Source === undefined ? [] : [{ Source }] } },
});

describe("pruning", () => {
    it("is of images that stacks built, by what no other image shares", async () => {
        const images = [
            { Id: "1", Size: 100, SharedSize: 60, RepoTags: [image(A), "other:1"] },
            { Id: "2", Size: 50, SharedSize: -1, RepoTags: ["seismic-mlops/base:trixie"] },
            { Id: "3", Size: 50, SharedSize: -1, RepoTags: [`seismic-mlops/examples/tabular:${B}`] },
            { Id: "4", Size: 50, SharedSize: 0, RepoTags: null },
        ];
        expect(await taggedImages(engineOf({ Images: images }))).to.deep.equal([
            { tag: image(A), id: "1", bytes: 40 },
            { tag: `seismic-mlops/examples/tabular:${B}`, id: "3", bytes: 50 },
        ]);
        expect(await taggedImages(engineOf({}))).to.deep.equal([]);
    });

    it("keeps what a stack runs and what it can go back to", () => {
        const release = { commit: "0123456789", ref: "v1", dirty: false, image: image(B), version: "1" };
        const rest = { sha256: "", runId: "", dataSha256: "", trainedAt: "", metrics: {}, recipe: "" };
        const record = { ...release, ...rest, serving: "", at: "", by: "", why: "" };
        const resources = [
            { type: "pulumi:pulumi:Stack", urn: "urn:root", outputs: { releases: [record] } },
            {
                type: "docker:index/remoteImage:RemoteImage",
                urn: "urn:image",
                inputs: { name: image(A), build: { context: `${CACHE}/trees/${C}` } },
            },
        ];
        expect(neededByStack("prod", { deployment: { resources } })).to.have.deep.members([
            [image(B), "release 0123456789 of prod"],
            [image(A), "what prod runs"],
            [C, "what prod runs"],
        ]);
        expect(neededByStack("new", { deployment: { resources: [] } })).to.deep.equal([]);
    });

    it("keeps what is used by whomever: containers, services, and what those go back to", async () => {
        const engine = engineOf({
            containers: [{ Image: "sha256:1", ImageID: "sha256:1", Names: ["/web"], Mounts: [] }],
            services: [
                {
                    Spec: specOf(`${image(A)}@sha256:2`, `/somewhere/${CACHE}/trees/${C}/seismic`),
                    PreviousSpec: specOf(image(B)),
                },
                { Spec: { Name: "without a container" } },
                { Spec: specOf(`registry.example.org/${image("")}@sha256:3`) },
            ],
            images: [
                { Id: "sha256:id", RepoDigests: [`registry.example.org/${image("")}@sha256:3`] },
                { Id: "sha256:other", RepoDigests: null },
            ],
        });
        expect(needs(await neededByEngine(engine))).to.deep.equal(
            new Map([
                ["sha256:1", "container web"],
                [image(A), "service serving"],
                [image(B), "service serving"],
                [C, "service serving"],
                ["sha256:id", "service serving"],
            ]),
        );
    });

    it("keeps an image that is used by its id", async () => {
        const Images = [
            { Id: "sha256:1", Size: 1, SharedSize: 0, RepoTags: [image(A)] },
            { Id: "sha256:2", Size: 1, SharedSize: 0, RepoTags: [image(B)] },
        ];
        const found = await foundImages(engineOf({ Images }), new Map([["sha256:1", "container web"]]));
        expect(found.map(({ needed }) => needed)).to.deep.equal(["container web", undefined]);
    });

    it("leaves an image that came into use meanwhile, and goes on", async () => {
        const removed: string[] = [];
        const engine = {
            getImage: (name: string) => ({
                inspect: () => Promise.resolve({ Metadata: { LastTagTime: "2026-01-01T00:00:00Z" } }),
                remove: () =>
                    name === image(A)
                        ? Promise.reject(Object.assign(new Error("in use"), { statusCode: 409 }))
                        : Promise.resolve(removed.push(name)),
            }),
        } as unknown as Docker;
        const found = [A, B].map((hash) => ({ what: "image" as const, name: image(hash), bytes: 1 }));
        await removeImages(engine, found, Date.parse("2026-01-02T00:00:00Z"));
        expect(removed).to.deep.equal([image(B)]);
    });

    it("leaves what an update has made or taken up since it began", async () => {
        const began = Date.parse("2026-01-02T00:00:00Z");
        const tagged: Record<string, string> = {
            [image(A)]: "2026-01-02T00:00:01Z",
            [image(B)]: "2026-01-01T23:59:59.9Z",
            // Engines before 1.40 do not have this time.
            [image(C)]: "",
        };
        const removed: string[] = [];
        const engine = {
            getImage: (name: string) => ({
                inspect: () => Promise.resolve({ Metadata: { LastTagTime: tagged[name] } }),
                remove: () => Promise.resolve(removed.push(name)),
            }),
        } as unknown as Docker;
        const found = Object.keys(tagged).map((name) => ({ what: "image" as const, name, bytes: 1 }));
        await removeImages(engine, found, began);
        expect(removed).to.deep.equal([image(B), image(C)]);
    });

    it("removes the names by digest of an image with its last tag, because they keep it on the disk", async () => {
        const removed: string[] = [];
        const names: Record<string, object> = {
            [image(A)]: { Id: "1" },
            [image(B)]: { Id: "2" },
            "1": { RepoTags: [image(C)], RepoDigests: ["registry.example.org/a@sha256:1"] },
            "2": { RepoTags: [], RepoDigests: ["registry.example.org/b@sha256:2"] },
        };
        const engine = {
            getImage: (name: string) => ({
                inspect: () => Promise.resolve(names[name]),
                remove: () => Promise.resolve(removed.push(name)),
            }),
        } as unknown as Docker;
        const found = [A, B].map((it) => ({ what: "image" as const, name: image(it), bytes: 1 }));
        await removeImages(engine, found, 0);
        expect(removed).to.deep.equal([image(A), image(B), "registry.example.org/b@sha256:2"]);
    });

    describe("a checkout", () => {
        let folder: string;
        temporaryFolder((made) => (folder = made));
        const write = (path: string, text: string) => {
            writeFile(join(folder, CACHE, path), text);
        };

        it("has trees that something runs, others, and some that are just being made", () => {
            for (const tree of [A, B, `${C}.abc123`, `${D}.abc123`]) {
                write(`trees/${tree}/Dockerfile`, "FROM");
            }
            const hourAgo = new Date(Date.now() - 3_700_000);
            utimesSync(join(folder, CACHE, "trees", `${C}.abc123`), hourAgo, hourAgo);
            const found = foundTrees(folder, new Map([[A, "what prod runs"]]));
            expect(found.map(({ name, bytes, needed }) => [name, bytes, needed])).to.deep.equal([
                [A, 4, "what prod runs"],
                [B, 4, undefined],
                [`${C}.abc123`, 4, undefined],
            ]);
            removeFiles(folder, found.slice(1), 0);
            expect(foundTrees(folder, new Map()), "used since").to.have.length(3);
            removeFiles(folder, found.slice(1), Date.now() + 1000);
            expect(foundTrees(folder, new Map()).map(({ name }) => name)).to.deep.equal([A]);
        });

        it("has logs of images that are needed, others, and files that are no logs", () => {
            write(`seismic-mlops-trainer-${A}.log`, "#1");
            write(`seismic-mlops-trainer-${B}.log`, "#1");
            write("notes.log", "mine");
            const found = foundLogs(folder, new Map([[image(A), "what prod runs"]]));
            expect(found.map(({ name, needed }) => [name, needed])).to.deep.equal([
                [`seismic-mlops-trainer-${A}.log`, "what prod runs"],
                [`seismic-mlops-trainer-${B}.log`, undefined],
            ]);
        });

        it("may have nothing of it yet", () => {
            expect([...foundTrees(folder, new Map()), ...foundLogs(folder, new Map())]).to.deep.equal([]);
        });
    });
});
