import { expect } from "chai";

import { PRUNED_TAG } from "../../../cli/upkeep/registryPruning";
import type { Client } from "../stack/client";
import { engineWithImages } from "../engine/imageProxy";
import { fails, succeeds } from "../expectations";
import type { Config, TestStack } from "../stack/stack";
import { POOR, STUB_MODEL } from "../stack/stub";

const FILES = "cd /mlflow/artifacts && find . -type f";

interface Tag {
    key: string;
    value: string;
}
interface Run {
    info: { run_id: string; status: string };
    data: { metrics: { key: string }[]; params: object[]; tags: Tag[] };
}
interface Version {
    version: string;
    run_id: string;
    source: string;
    tags: Tag[];
}

export interface PrunedRunsArgs {
    stackOf: () => TestStack;
    clientOf: () => Client;
    /** Runs a shell text in MLflow's container. */
    inMlflow: (text: string) => Promise<string>;
    askMlflow: (path: string, body: unknown, method?: string) => Promise<void>;
    configure: (config?: Config) => void;
}

/** Tests that a run which the gate refused loses only its files, in a stack that serves version 1. */
export function prunedRuns({ stackOf, clientOf, inMlflow, askMlflow, configure }: PrunedRunsArgs): void {
    it("removes the files of a run that the gate refused, and keeps its figures and all of what serves", async () => {
        const [stack, client] = [stackOf(), clientOf()];
        const read = async <T>(path: string, query: Record<string, string>) => {
            const parameters = new URLSearchParams(query).toString();
            const answer = await client.request(
                `${client.outputs.mlflowUrl}/api/2.0/mlflow/${path}?${parameters}`,
            );
            expect(answer.status, path).to.equal(200);
            return (await answer.json()) as T;
        };
        const version = async (number: string) =>
            (
                await read<{ model_version: Version }>("model-versions/get", {
                    name: STUB_MODEL,
                    version: number,
                })
            ).model_version;
        const run = async (run_id: string) => (await read<{ run: Run }>("runs/get", { run_id })).run;

        const files = async () => (await inMlflow(FILES)).split("\n").filter((it) => it !== "");

        const before = await files();
        configure({ training: { run: "on-change", trials: 2, hyperparameters: POOR } });
        fails(await stack.up(), `the gate refused ${STUB_MODEL} version 2`);
        configure();
        const made = (await files()).filter((it) => !before.includes(it));
        const refused = await run((await version("2")).run_id);
        const model = (await version("2")).source.split("/").at(-1)!;
        for (const folder of [refused.info.run_id, model]) {
            expect(made.filter((it) => it.includes(`/${folder}/artifacts/`))).not.to.deep.equal([]);
        }

        const proxy = await engineWithImages(stack.engine.docker, () => false);
        const seen = stack.seenFrom(stack.project, { DOCKER_HOST: proxy.address });
        const prune = (...args: string[]) => seen.script("prune", "--stack", stack.name, ...args);
        try {
            const kept = await prune("--yes");
            succeeds(kept);
            expect(kept.output).to.include(`version 2 of ${STUB_MODEL}: alias challenger`);
            await askMlflow("registered-models/alias", { name: STUB_MODEL, alias: "challenger" }, "DELETE");
            const newest = await prune("--yes");
            succeeds(newest);
            expect(newest.output).to.include("one of the last 5 refused or failed runs");
            expect(await files()).to.have.members([...before, ...made]);

            const listed = await prune("--keep-runs", "0");
            succeeds(listed);
            expect(listed.output).to.match(
                new RegExp(
                    `files of a run +${stack.name} ${refused.info.run_id}, refused by the gate .* not needed`,
                ),
            );
            succeeds(await client.servesDuring(prune("--keep-runs", "0", "--yes")));
        } finally {
            proxy.close();
        }
        expect(await files()).to.have.members(before);

        const after = await run(refused.info.run_id);
        expect(after.info).to.include({ status: "FINISHED" });
        expect(after.data.metrics).to.deep.equal(refused.data.metrics);
        expect(after.data.metrics.map(({ key }) => key)).to.include("macro_f1");
        expect(after.data.params).to.deep.equal(refused.data.params);
        const [mark, ...others] = after.data.tags.filter(
            ({ key }) => !refused.data.tags.some((it) => it.key === key),
        );
        expect([mark?.key, others]).to.deep.equal([PRUNED_TAG, []]);
        expect(mark!.value).to.match(/^\d{4}-\S+Z by npm run prune: refused by the gate$/);
        expect((await version("2")).tags.map(({ key }) => key)).to.include.members([
            "gate_reasons",
            PRUNED_TAG,
        ]);

        const served = await version("1");
        expect(served.tags.map(({ key }) => key)).not.to.include(PRUNED_TAG);
        expect((await client.refresh()).model.version).to.equal("1");
        succeeds(await stack.script("verify", "--stack", stack.name, "--skip-training"));
        succeeds(await stack.up());
        expect((await client.refresh()).model.version).to.equal("1");
    });
}
