import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type Docker from "dockerode";

import type { Deployment } from "../../../../components/stack/deployment";
import {
    gateVariables,
    planTraining,
    recipeOf,
    TrainingPlan,
} from "../../../../components/training/trainingPlan";
import { parseConfig } from "../../../../config/parse";
import type { ReleaseRecord } from "../../../../releases/records";
import { fakeExec } from "../../../support/engine/fakeExec";

/** The labels of the stack's runs. A stack of another project may have the same name. */
const RUNS = ["seismic.project=seismic-mlops", "seismic.stack=dev", "seismic.role=training"];

/** A container that ran a training, as the engine describes it. */
interface Ran {
    trigger: string;
    exitCode?: number;
}

/** An engine with a training run. Its MLflow, if it runs, has these versions by their hash. */
function engine(ran?: Ran, mlflow?: Record<string, string>): { docker: Docker; removed: string[] } {
    const removed: string[] = [];
    const labels = { "seismic.training.trigger": ran?.trigger, "seismic.training.token": "token-then" };
    const answer = (version: string | undefined) => {
        const sha256 = version === undefined ? undefined : mlflow?.[version];
        const body =
            sha256 === undefined
                ? { error_code: "RESOURCE_DOES_NOT_EXIST" }
                : { model_version: { version, tags: [{ key: "model_sha256", value: sha256 }] } };
        return `${JSON.stringify(body)}\n${sha256 === undefined ? 404 : 200}`;
    };
    const docker = {
        listContainers: ({ filters }: { filters: { label: string[]; status?: string[] } }) => {
            if (filters.label.includes("com.docker.swarm.service.name=seismic-mlops-dev-mlflow")) {
                return Promise.resolve(mlflow === undefined ? [] : [{ Id: "mlflow", Created: 1 }]);
            }
            expect(filters.label).to.deep.equal(RUNS);
            const wanted = ran !== undefined && !filters.status?.includes("running");
            return Promise.resolve(wanted ? [{ Id: "trainer", Created: 1, Labels: labels }] : []);
        },
        getContainer: (id: string) => ({
            inspect: () =>
                Promise.resolve({
                    State: { Status: "exited", ExitCode: ran?.exitCode ?? 0 },
                    Config: { Env: ["GIT_COMMIT=then", "SEED=42"] },
                }),
            remove: () => Promise.resolve(removed.push(id)),
            exec: () =>
                Promise.resolve(fakeExec((input) => ({ stdout: answer(/version=(\d+)/.exec(input)?.[1]) }))),
        }),
    };
    return { docker: docker as unknown as Docker, removed };
}

function fail(): never {
    throw new Error("a plan registers nothing");
}

const SHA = "5".repeat(64);
const FILES = "7".repeat(64);

describe("the plan of a training", () => {
    // An update, not a preview.
    before(() => pulumi.runtime.setMocks({ newResource: fail, call: fail }, "seismic-mlops", "dev", false));

    const ingredients = (run: "always" | "on-change" | "never", image = "trainer:1") => ({
        config: parseConfig({ environment: "dev", training: { run } }),
        release: { commit: image, ref: "v1", dirty: false, trainer: "trainer" },
        image,
        fingerprint: "data" as string | undefined,
    });
    const record = (image: string, version: string): ReleaseRecord => ({
        ...{ commit: image, ref: "v1", dirty: false, image, version, sha256: SHA, runId: "r" },
        filesSha256: FILES,
        ...{ dataSha256: "d", trainedAt: "t", metrics: {}, serving: "s", at: "", by: "", why: "" },
        recipe: recipeOf(ingredients("always", image)),
    });
    const [one, two] = [record("trainer:1", "1"), record("trainer:2", "2")];

    const plan = (
        made: ReturnType<typeof ingredients>,
        releases: ReleaseRecord[],
        { docker } = engine(),
    ): Promise<TrainingPlan> =>
        planTraining({
            ...made,
            releases,
            deployment: { project: "seismic-mlops", stack: "dev", engine: docker } as unknown as Deployment,
        });
    const run = async (...args: Parameters<typeof plan>) => {
        const planned = await plan(...args);
        expect(planned.kind).to.equal("run");
        return planned as Extract<TrainingPlan, { kind: "run" }>;
    };
    const kept = async (...args: Parameters<typeof plan>) => {
        const planned = await plan(...args);
        expect(planned.kind).to.equal("kept");
        return (planned as Extract<TrainingPlan, { kind: "kept" }>).model.version;
    };

    it("is a run of its own, with a gate, where nothing was trained yet", async () => {
        const planned = await run(ingredients("on-change"), []);
        expect(planned).to.include({ remakes: false, gated: true });
        expect(planned.token).to.match(new RegExp(`^${planned.trigger}-`));
    });

    it("is the run that stands where nothing changed, with the origin that it was told", async () => {
        const { trigger } = await run(ingredients("on-change"), []);
        const planned = await run(ingredients("on-change"), [one], engine({ trigger }));
        expect(planned).to.include({ token: "token-then", remakes: true });
        expect(planned.lineage).to.include({ GIT_COMMIT: "then" });
    });

    it("is told what serves, with which its candidate is compared", async () => {
        const champion = (version: string, hashes: string[]) => ({
            CHAMPION_FILES_SHA256: hashes[0],
            CHAMPION_SHA256: hashes[1],
            CHAMPION_VERSION: version,
        });
        const changed = ingredients("on-change", "trainer:3");
        expect((await run(changed, [two, one])).lineage).to.deep.equal(champion("2", [FILES, SHA]));
        const { filesSha256: _, ...older } = two;
        expect((await run(changed, [older])).lineage).to.deep.equal(champion("2", ["", SHA]));
        expect((await run(changed, [])).lineage).to.deep.equal(champion("", ["", ""]));
    });

    it("is told what to do with a candidate that cannot be compared, beside the gate's bounds", () => {
        const told = (environment: string, gate = {}) => {
            const bounds = { limits: { cpus: 1, memory: "1g" } };
            const parts = { training: bounds, serving: bounds, mlflow: bounds, tls: { selfSigned: true } };
            const { GATE, ...rest } = gateVariables(
                parseConfig({ environment, release: "v1", ...parts, gate }),
            );
            // A trainer of an earlier release accepts no other keys.
            expect(JSON.parse(GATE ?? "")).to.have.all.keys("floors", "regression");
            return rest;
        };
        expect(told("dev")).to.deep.equal({ GATE_UNCOMPARED: "floors" });
        const all = { GATE_DEFAULT_FLOORS: "macroF1,accuracy,recall" };
        expect(told("staging")).to.deep.equal({ GATE_UNCOMPARED: "floors", ...all });
        expect(told("staging", { uncompared: "refuse" })).to.deep.equal({
            GATE_UNCOMPARED: "refuse",
            ...all,
        });
        expect(told("prod")).to.deep.equal({ GATE_UNCOMPARED: "refuse", ...all });
        expect(told("prod", { uncompared: "floors" })).to.deep.equal({ GATE_UNCOMPARED: "floors", ...all });
        expect(gateVariables(parseConfig({ environment: "dev" }), false)).to.deep.equal({ GATE: "" });
    });

    it("is another run of the same with always, and after one that failed", async () => {
        const { trigger } = await run(ingredients("always"), []);
        expect((await run(ingredients("always"), [one], engine({ trigger }))).token).not.to.equal(
            "token-then",
        );
        const failed = engine({ trigger, exitCode: 1 });
        expect((await run(ingredients("on-change"), [], failed)).token).not.to.equal("token-then");
    });

    it("is none where the model that serves is made of the same, and another run was the last", async () => {
        expect(await kept(ingredients("on-change"), [one], engine({ trigger: "other" }))).to.equal("1");
    });

    it("is none for an earlier release whose version the registry holds with its hash", async () => {
        const back = ingredients("always", "trainer:1");
        expect(await kept(back, [two, one], engine(undefined, { 1: SHA }))).to.equal("1");
    });

    const lost: [string, Record<string, string> | undefined][] = [
        ["is gone", {}],
        ["has another hash", { 1: "6".repeat(64) }],
        ["cannot be asked for, as MLflow does not run", undefined],
    ];
    for (const [what, mlflow] of lost) {
        it(`is a run without a gate for an earlier release whose version ${what}`, async () => {
            for (const when of ["always", "on-change"] as const) {
                const back = ingredients(when, "trainer:1");
                expect((await run(back, [two, one], engine(undefined, mlflow))).gated).to.equal(false);
            }
        });
    }

    it("is another run where the version that serves is gone, or has another hash, but not where nobody can say", async () => {
        const { trigger } = await run(ingredients("on-change"), []);
        for (const mlflow of [{} as Record<string, string>, { 1: "6".repeat(64) }]) {
            const planned = await run(ingredients("on-change"), [one], engine({ trigger }, mlflow));
            expect(planned.token).not.to.equal("token-then");
        }
        for (const mlflow of [{ 1: SHA }, undefined]) {
            const planned = await run(ingredients("on-change"), [one], engine({ trigger }, mlflow));
            expect(planned.token).to.equal("token-then");
        }
    });

    it("is a run where a change of the data cannot be seen", async () => {
        const back = { ...ingredients("always", "trainer:1"), fingerprint: undefined };
        await run(back, [two, one], engine(undefined, { 1: SHA }));
    });

    it("keeps with never what serves, and refuses when nothing does", async () => {
        expect(await kept(ingredients("never", "trainer:3"), [two, one])).to.equal("2");
        expect(await kept(ingredients("never", "trainer:1"), [two, one])).to.equal("1");
        const refused = await plan(ingredients("never"), []).catch((error: Error) => error.message);
        expect(refused).to.match(
            /^training\.run: got never, but this stack has no model yet; train one first/,
        );
    });

    it("ends what an interrupted update left running", async () => {
        const left = engine({ trigger: "x" });
        left.docker.listContainers = (() =>
            Promise.resolve([
                { Id: "trainer", Created: 1, Labels: {} },
            ])) as unknown as Docker["listContainers"];
        await run(ingredients("on-change"), [], left);
        expect(left.removed).to.deep.equal(["trainer"]);
    });

    it("runs again when the gate's bounds change, as a refused candidate may be let through", async () => {
        const { trigger } = await run(ingredients("on-change"), []);
        const other = ingredients("on-change");
        other.config = parseConfig({
            environment: "dev",
            training: { run: "on-change" },
            gate: { regression: { macroF1: 0.5 } },
        });
        expect((await run(other, [], engine({ trigger }))).token).not.to.equal("token-then");
        expect(recipeOf(other)).to.equal(one.recipe);
    });
});
