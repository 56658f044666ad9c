import { expect } from "chai";

import type { InsideHttp, InsideRequest } from "../../../../engine/streams/insideHttp";
import { RegistryRuns, type KnownVersion, type UselessRun } from "../../../../components/registry/mlflowRuns";
import type { ReleaseRecord } from "../../../../releases/records";
import { removeMarked, runFiles, sizesOf, type RunFiles } from "../../../../cli/upkeep/registryPruning";

const run = (id: string, more: Partial<UselessRun> = {}): UselessRun => ({
    id,
    why: "refused by the gate",
    started: 0,
    tags: new Map(),
    addresses: [`mlflow-artifacts:/1/${id}/artifacts`, `mlflow-artifacts:/1/models/m-${id}/artifacts`],
    models: [`m-${id}`],
    ...more,
});
const version = (number: string, runId: string, more: Partial<KnownVersion> = {}): KnownVersion => ({
    name: "Model",
    version: number,
    stage: "None",
    source: `models:/m-${runId}`,
    runId,
    tags: new Map([["gate", "refused"]]),
    aliases: [],
    ...more,
});
const released = (more: Partial<ReleaseRecord>) =>
    ({ commit: "0123456789", runId: "other", version: "99", ...more }) as ReleaseRecord;
const SIZES = sizesOf(
    ["a", "b", "c", "d"].flatMap((id) => [
        `100 1/${id}/artifacts/section.png`,
        `11 1/${id}/artifacts/folder/a name.json`,
        `2000 1/models/m-${id}/artifacts/model.skops`,
    ]),
);

describe("files of runs", () => {
    const found = (
        versions: KnownVersion[],
        { runs = [run("a")], releases = [] as ReleaseRecord[], keepRuns = 0 } = {},
    ) =>
        runFiles({ runs, versions, sizes: SIZES }, { stack: "prod", releases, keepRuns }).map(
            ({ name, bytes, needed }) => [name, bytes, needed],
        );
    const needed = (...args: Parameters<typeof found>) => found(...args).map(([, , reason]) => reason);

    it("are those of the run and of its model, and go when nothing needs them", () => {
        const runs = [
            run("a"),
            run("b", { why: "failed", models: [], addresses: run("b").addresses.slice(0, 1) }),
        ];
        expect(found([version("2", "a")], { runs })).to.deep.equal([
            ["prod a, refused by the gate", 2111, undefined],
            ["prod b, failed", 111, undefined],
        ]);
    });

    it("stay with the newest runs, whatever became of these", () => {
        const runs = ["gone", "b", "c"].map((id) => run(id));
        expect(found([], { runs, keepRuns: 2 })).to.deep.equal([
            ["prod b, refused by the gate", 2111, "one of the last 2 refused or failed runs"],
            ["prod c, refused by the gate", 2111, undefined],
        ]);
    });

    for (const [what, more, reason] of [
        ["passed the gate", { tags: new Map([["gate", "passed"]]) }, "not refused"],
        ["was not judged yet", { tags: new Map() }, "not refused"],
        ["has an alias", { aliases: ["challenger"] }, "alias challenger"],
        ["served once", { stage: "Archived" }, "stage Archived"],
        ["names the model alone", { runId: "", aliases: ["mine"] }, "alias mine"],
        [
            "names the folder alone",
            { runId: "", source: "mlflow-artifacts:/1/a/artifacts/model", stage: "Staging" },
            "stage Staging",
        ],
    ] as [string, Partial<KnownVersion>, string][]) {
        it(`stay when a version of theirs ${what}`, () => {
            const one = version("2", "a", more);
            expect(needed([version("1", "a"), one, version("3", "b")])).to.deep.equal([
                `version 2 of Model: ${reason}`,
            ]);
        });
    }

    it("stay when a release goes back to the run or to a version of it", () => {
        const reason = ["release 0123456789 of prod"];
        expect(needed([], { releases: [released({ runId: "a" })] })).to.deep.equal(reason);
        const releases = [released({ version: "1" }), released({ version: "2" })];
        expect(needed([version("2", "a")], { releases })).to.deep.equal(reason);
        expect(needed([version("3", "a")], { releases })).to.deep.equal([undefined]);
    });

    it("are looked for where MLflow keeps its own, and below the run's own name", () => {
        const addresses = [
            "s3://bucket/1/a/artifacts",
            "mlflow-artifacts:/1/b/artifacts",
            "mlflow-artifacts:/1",
            "",
        ];
        expect(found([], { runs: [run("a", { addresses })] })).to.deep.equal([]);
    });

    describe("that go", () => {
        const files = (id: string): RunFiles => ({
            what: "files of a run",
            name: id,
            bytes: 1,
            run: run(id),
            versions: [version("2", id)],
            folders: [`1/${id}/artifacts`],
        });
        const removing = async (found: RunFiles[][], refusal?: Error) => {
            const did: string[] = [];
            const note = (what: string) => (done: UselessRun | string) => {
                did.push(`${what} ${typeof done === "string" ? done : done.id}`);
                return Promise.resolve();
            };
            const registry = { tag: note("tag"), untag: note("untag"), deleteArtifacts: note("delete") };
            const refuse = () => {
                did.push("look for training");
                return refusal === undefined ? Promise.resolve() : Promise.reject(refusal);
            };
            const gone = await removeMarked(registry, () => Promise.resolve(found.shift()!), refuse).catch(
                (error: Error) => error.message,
            );
            return { did, gone: typeof gone === "string" ? gone : gone.map(({ name }) => name) };
        };

        it("are marked before it is seen that no training may take them up, and deleted after that", async () => {
            expect(await removing([[files("a"), files("b")], [files("a")]])).to.deep.equal({
                did: ["tag a", "tag b", "look for training", "untag b", "delete 1/a/artifacts"],
                gone: ["a"],
            });
        });

        it("stay, without a mark, when a training has begun", async () => {
            expect(await removing([[files("a")]], new Error("under way"))).to.deep.equal({
                did: ["tag a", "look for training", "untag a"],
                gone: "under way",
            });
        });
    });
});

describe("MLflow's runs", () => {
    /** An MLflow with these answers by method and path, one for each page. */
    const registry = (answers: Record<string, object[]>) => {
        const asked: [string, unknown][] = [];
        const request = ({ method = "GET", url, json }: InsideRequest) => {
            const path = new URL(url).pathname.replace("/api/2.0/", "");
            asked.push([`${method} ${path}`, json]);
            const body = answers[path]?.shift() ?? {};
            return Promise.resolve({ status: 200, body: JSON.stringify(body) });
        };
        return { runs: new RegistryRuns({ request } as unknown as InsideHttp), asked };
    };
    const told = (
        run_id: string,
        status: string,
        start_time: number,
        tags = [{ key: "run_token", value: "t" }],
    ) => ({
        info: {
            run_id,
            experiment_id: "1",
            status,
            start_time,
            artifact_uri: `mlflow-artifacts:/1/${run_id}/artifacts`,
        },
        data: { tags },
    });

    it("are the trainers' that were refused, failed or killed, from all pages and newest first", async () => {
        const { runs, asked } = registry({
            "mlflow/experiments/search": [{ experiments: [{ experiment_id: "0" }, { experiment_id: "1" }] }],
            "mlflow/runs/search": [
                { runs: [told("refused", "FINISHED", 1)], next_page_token: "more" },
                { runs: [told("newer", "FINISHED", 4)] },
                { runs: [told("failed", "FAILED", 3), told("own", "FAILED", 9, [])] },
                { runs: [told("killed", "KILLED", 2)] },
            ],
            "mlflow/logged-models/search": [
                {
                    models: [
                        {
                            info: {
                                model_id: "m-1",
                                artifact_uri: "mlflow-artifacts:/1/models/m-1/artifacts",
                                source_run_id: "failed",
                            },
                        },
                    ],
                },
            ],
        });
        const found = await runs.useless();
        expect(
            found.map(({ id, why, models, addresses }) => [id, why, models, addresses.length]),
        ).to.deep.equal([
            ["newer", "refused by the gate", [], 1],
            ["failed", "failed", ["m-1"], 2],
            ["killed", "killed", [], 1],
            ["refused", "refused by the gate", [], 1],
        ]);
        const searches = asked.filter(([path]) => path.endsWith("runs/search")).map(([, json]) => json);
        expect(searches[0]).to.deep.equal({
            experiment_ids: ["0", "1"],
            filter: "tags.gate = 'refused' AND attributes.status = 'FINISHED'",
            max_results: 100,
        });
        expect(searches[1]).to.include({ page_token: "more" });
    });

    it("have versions, with their aliases", async () => {
        const tags = [{ key: "gate", value: "refused" }];
        const { runs } = registry({
            "mlflow/registered-models/search": [
                { registered_models: [{ name: "Model", aliases: [{ alias: "champion", version: "1" }] }] },
            ],
            "mlflow/model-versions/search": [
                {
                    model_versions: [
                        { name: "Model", version: "1", run_id: "a", source: "models:/m-a", tags },
                    ],
                },
                {},
            ],
        });
        const expected = version("1", "a", { aliases: ["champion"] });
        expect(await runs.versions()).to.deep.equal([expected]);
    });

    it("are marked with their versions and models, and the mark is taken back", async () => {
        const { runs, asked } = registry({});
        await runs.tag(run("a"), [version("2", "a")], "key", "value");
        await runs.untag(run("a"), [version("2", "a")], "key");
        await runs.deleteArtifacts("1/a/artifacts");
        const [key, value] = ["key", "value"];
        expect(asked).to.deep.equal([
            ["POST mlflow/model-versions/set-tag", { name: "Model", version: "2", key, value }],
            ["PATCH mlflow/logged-models/m-a/tags", { tags: [{ key, value }] }],
            ["POST mlflow/runs/set-tag", { run_id: "a", key, value }],
            ["POST mlflow/runs/delete-tag", { run_id: "a", key }],
            ["DELETE mlflow/logged-models/m-a/tags/key", undefined],
            ["DELETE mlflow/model-versions/delete-tag", { name: "Model", version: "2", key }],
            ["DELETE mlflow-artifacts/artifacts/1/a/artifacts", undefined],
        ]);
    });
});
