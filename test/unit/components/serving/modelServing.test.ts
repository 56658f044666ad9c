import { relative } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";

import { CHECKOUT } from "../../../../cli/local/paths";
import { PASSED, TrainingResult } from "../../../../components/training/trainingResult";
import { parseConfig } from "../../../../config/parse";
import type { Release } from "../../../../releases/release";
import { readerOf } from "../../../support/gateway/inside";
import { deployment, only, recordResources, value } from "../../../support/program/recording";

interface Service {
    taskSpec: { containerSpec: { commands: string[]; mounts: unknown[]; secrets: { fileName: string }[] } };
}

describe("ModelServing", () => {
    recordResources();

    const serve = async (
        more: Partial<TrainingResult> = {},
        source: Partial<Release> = {},
        sourceMount = false,
    ) => {
        const { ModelServing } = await import("../../../../components/serving/modelServing");
        const { SourceImage } = await import("../../../../components/image/sourceImage");
        const serving = new ModelServing("serving", {
            deployment,
            config: parseConfig({ environment: "dev", sourceMount }),
            release: { ref: "v1", commit: "abc", dirty: false, trainer: "trainer", ...source },
            network: "net-id",
            image: new SourceImage("trainer", { context: "images/gateway", repository: "trainer" }),
            reader: readerOf("serving"),
            model: pulumi.output({
                ...{ version: "3", alias: "challenger", runId: "r", sha256: "5".repeat(64), metrics: {} },
                ...{ reproduced: false, dataSha256: "d", trainedAt: "t", gate: PASSED, ...more },
            }),
        });
        await value(serving.service.healthy);
        return (only("docker:index/service:Service") as unknown as Service).taskSpec.containerSpec;
    };

    it("is told which version, which model and which files it may open", async () => {
        const { commands } = await serve({ filesSha256: "6".repeat(64) });
        expect(commands).to.include.members([
            "MODEL_VERSION=3",
            `MODEL_SHA256=${"5".repeat(64)}`,
            `MODEL_FILES_SHA256=${"6".repeat(64)}`,
        ]);
    });

    it("reads the registry by its way inside, with a password that only a file holds", async () => {
        const { commands, secrets } = await serve();
        expect(commands).to.include("MLFLOW_TRACKING_URI=http://access:5000");
        const at = commands.indexOf("signed-in");
        expect(commands.slice(at + 1)).to.deep.equal([
            ...["serving", "/run/secrets/registry-password"],
            ...["python", "-m", "seismic.serving"],
        ]);
        expect(secrets.map(({ fileName }) => fileName)).to.deep.equal(["/run/secrets/registry-password"]);
    });

    it("keeps what it serves on a volume that its replicas share, which nobody has to protect", async () => {
        const { commands, mounts } = await serve();
        expect(commands).to.include("MODEL_CACHE=/cache");
        expect(mounts).to.deep.equal([
            { type: "volume", target: "/tmp" },
            {
                type: "volume",
                source: "seismic-mlops-dev-serving-cache",
                target: "/cache",
                readOnly: false,
            },
        ]);
        const { labels } = only("docker:index/volume:Volume") as {
            labels: { label: string; value: string }[];
        };
        expect(labels).to.deep.include({ label: "seismic.role", value: "serving-cache" });
    });

    for (const [what, source, mounted] of [
        ["its trainer", {}, ["trainer/seismic /app/seismic"]],
        [
            "its trainer and the kit, which that trainer takes",
            { kit: "kit" },
            ["trainer/seismic /app/seismic", "kit/kit /app/kit"],
        ],
    ] as const) {
        it(`mounts the source of ${what}`, async () => {
            const { mounts } = await serve({}, source, true);
            const binds = (mounts as { type: string; source: string; target: string; readOnly: boolean }[])
                .filter(({ type, readOnly }) => type === "bind" && readOnly)
                .map((it) => `${relative(CHECKOUT, it.source)} ${it.target}`);
            expect(binds).to.deep.equal(mounted);
        });
    }

    it("is not told of files that no record knows", async () => {
        expect((await serve()).commands).to.include("MODEL_FILES_SHA256=");
    });
});
