import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { expect } from "chai";

import { Client } from "../support/stack/client";
import { eventually, fails, succeeds } from "../support/expectations";
import { Observer } from "../support/observing/observer";
import type { Config, TestStack } from "../support/stack/stack";
import { stub, STUB_FOLDER } from "../support/stack/stub";
import { suiteStack } from "../support/stack/suite";
import { Table } from "../support/stack/table";
import { chooseByTheGuide, TABULAR, TABULAR_IMAGE } from "../support/stack/tabular";

const MINUTE = 60_000;
/** A schedule that no test waits for. */
const SCHEDULED = { schedule: "0 3 * * 1" };

/** The part of an answer of /explain that is looked at. */
interface Explained {
    class: string;
    explanation: { features: { name: string; effect: number }[] };
}

/**
 * A dev stack with another trainer, which only its configuration chooses. Each test begins where the one before
 * ended. pipeline.test.ts shows how another trainer reaches staging and production.
 */
describe("another team's trainer", function () {
    this.timeout(5 * MINUTE);
    this.bail(true);
    let stack: TestStack;

    suiteStack((made) => {
        stack = made;
    });

    it("is refused, before anything is made, for what it lacks and the configuration asks for", async () => {
        stack.configure({ ...stub(), statusPage: true, retraining: SCHEDULED });
        fails(
            await stack.preview(),
            `statusPage: got true; ${STUB_FOLDER}/stub has no status.py and no status/__main__.py`,
            `retraining: got onDrift or schedule; ${STUB_FOLDER}/stub has no retraining.py`,
        );
        stack.configure({ trainer: { path: "examples/none" } });
        fails(await stack.preview(), "trainer.path: got examples/none; main (");
        expect(await stack.engine.left()).to.deep.equal([]);
    });

    it("is chosen as the guide says, trains, and answers as it was trained to", async () => {
        stack.configure({ statusPage: true, sourceMount: true, retraining: SCHEDULED });
        await chooseByTheGuide(stack);
        succeeds(await stack.up());
        const client = await Client.of(stack);
        expect(client.outputs.model).to.include({ name: "WineClassifier", version: "1", alias: "champion" });
        expect(client.outputs.release.image).to.match(new RegExp(`^${TABULAR_IMAGE}:[0-9a-f]{16}$`));
        expect(client.outputs.releases[0]!.metrics.macroF1).to.be.greaterThan(0.9);
        await client.answersAsTrained();
        succeeds(await stack.preview("--expect-no-changes"));
    });

    it("has what any trainer on the kit has: drift, a status page, retraining, uploads", async () => {
        const client = await Client.of(stack);
        const { apiUrl, statusUrl } = client.outputs;
        const reference = JSON.parse(await client.artifact("drift_reference.json")) as { features: object };
        const { row } = (await (await client.sample()).json()) as { row: Record<string, number> };
        expect(Object.keys(reference.features)).to.deep.equal(Object.keys(row));

        const page = await client.request(statusUrl);
        expect([page.status, await page.text()].join(" "))
            .to.match(/^200 .*/)
            .and.include("WineClassifier");
        const decisions = await client.request(`${apiUrl}/retraining/decisions`);
        expect(decisions.status, await decisions.text()).to.equal(200);

        const upload = await client.request(`${apiUrl}/batch_predict`, {
            method: "POST",
            headers: { "content-type": "application/octet-stream" },
            body: `${Object.keys(row).join()}\n${Object.values(row).join()}\n`,
        });
        const { class: answer } = await client.predict();
        expect(await upload.text()).to.match(new RegExp(`^line,class,.*\n2,${answer},`));

        const told = (await client.post("/explain", JSON.stringify({ row }))) as Explained;
        const { class: explained, explanation } = told;
        expect(explained).to.equal(answer);
        expect(explanation.features.map(({ name }) => name)).to.have.members(Object.keys(row));
        expect(explanation.features[0]!.effect, "the largest effect").not.to.equal(0);
    });

    it("gives the same model when it is trained once more, away from every network", async () => {
        const verified = await stack.script("verify", "--stack", stack.name);
        succeeds(verified);
        expect(verified.output)
            .to.match(/ok +trained again/)
            .and.include("All is as the stack says.");
    });

    it("fails up for what it refuses, in its own words, and what serves serves on", async () => {
        const client = await Client.of(stack);
        const train = (hyperparameters: object) => {
            const training = { run: "on-change", trials: 2, hyperparameters };
            stack.configure({ ...TABULAR, sourceMount: true, training });
            return stack.up();
        };
        fails(
            await train({ D: 1 }),
            "the training run failed: exit code 2",
            "HYPERPARAMETERS: D: no parameter",
        );
        fails(
            await train({ C: 1e-6 }),
            "the gate refused WineClassifier version 2 (challenger in MLflow); version 1 serves on",
            /macro F1 0\.\d+ is 0\.\d+ below the 0\.\d+ of the champion \(version 1\); at most 0\.020 is allowed/,
        );
        await client.servesOn();
        await client.answersAsTrained();
    });

    describe("that trains again on a growing table, and may serve by itself", () => {
        let client: Client;
        let table: Table;
        const configure = (config: Config = {}) => {
            stack.configure({
                ...TABULAR,
                data: { source: "folder", path: table.folder },
                retraining: { ...SCHEDULED, serve: true },
                statusPage: true,
                ...config,
            });
        };
        /** Deploys as a schedule does. */
        const deploy = (...args: string[]) =>
            stack.script("deploy", "--stack", stack.name, "--waiting", ...args);
        /** Trains again, as an operator asks for it, and waits for the candidate. */
        const retrain = async (candidate: string) => {
            const { apiUrl } = client.outputs;
            const asked = await client.request(`${apiUrl}/retraining/runs`, { method: "POST" });
            expect(asked.status, await asked.text()).to.equal(202);
            const [decision] = await eventually(`version ${candidate}`, async () => {
                const decisions = await new Observer(client).decisions();
                return decisions[0]?.version === candidate && decisions;
            });
            expect(decision!.outcome).to.equal("passed");
        };

        before(() => {
            // Within the project, the table would be a source that is not committed.
            table = new Table(`${stack.folder}-table`);
            table.append(400);
        });
        after(() => rmSync(table.folder, { recursive: true }));

        it("has nothing to serve before it has trained again", async () => {
            configure({ retraining: { serve: true } });
            fails(
                await stack.preview(),
                "retraining.serve: got true; nothing trains again, so set retraining.onDrift",
            );
            configure();
            succeeds(await stack.up());
            client = await Client.of(stack);
            expect(client.outputs.model.version).to.equal("3");
            const ended = await deploy("--yes");
            succeeds(ended);
            expect(ended.output).to.include("nothing was deployed: no candidate waits");
        });

        it("leaves the candidate to a person if it may not serve by itself", async () => {
            table.append(200);
            await retrain("4");
            for (const [kept, says] of [
                [{ retraining: SCHEDULED }, "retraining.serve is not true"],
                [{ training: { run: "never" } }, "training.run is never"],
            ] as const) {
                configure(kept);
                const ended = await deploy("--yes");
                succeeds(ended);
                expect(ended.output).to.include(`nothing was deployed: ${says}`);
            }
        });

        it("serves the candidate and nothing else: not another change that the checkout has", async () => {
            configure({ serving: { port: stack.ports.api, replicas: 2 } });
            fails(await deploy("--yes"), "an update would change more than the model:", "update serving");
            configure();
            const shown = await deploy("--dry-run");
            succeeds(shown);
            expect(shown.output)
                .to.match(/version 4 waits, trained because of: .+\. Version 3 serves\./)
                .and.include("Nothing was changed. To serve version 4: --yes");
            await client.servesOn();
        });

        it("serves the candidate as it was judged, without training it again, and fails no request", async () => {
            const { result, versions } = await client.versionsDuring(deploy("--yes"));
            succeeds(result);
            expect(result.output).to.include("it is taken up, and nothing was trained again");
            expect(versions).to.deep.equal(["3", "4"]);
            await client.refresh();
            expect(client.outputs.releases[0]).to.include({ version: "4" });
            await client.answersAsTrained();
            const history = await stack.script("history", "--stack", stack.name);
            expect(history.output).to.match(/version 3 .*version 4 +candidate of retraining: /);
            succeeds(await stack.preview("--expect-no-changes"));
            expect((await deploy("--yes")).output).to.include("nothing was deployed: no candidate waits");
        });

        it("tells when the data were others by then, and serves what it trained on them", async () => {
            table.append(100);
            await retrain("5");
            table.append(100);
            fails(
                await client.servesDuring(deploy("--yes")),
                "version 5 was not served: the run found other data",
            );
            await client.refresh();
            expect(client.outputs.model.version).to.equal("6");
        });

        it("tries a candidate once, and leaves it to a person if that fails", async () => {
            table.append(100);
            await retrain("7");
            const good = readFileSync(table.file);
            appendFileSync(table.file, "0.5,none,low\n");
            fails(
                await client.servesDuring(deploy("--yes")),
                "version 7 was not served: its deployment failed",
            );
            writeFileSync(table.file, good);
            const again = await deploy("--yes");
            succeeds(again);
            expect(again.output).to.match(
                /version 7 waits for a person, because it could not be served: 2\d{3}-/,
            );
            await client.servesOn();
            const byHand = await client.servesDuring(stack.up());
            succeeds(byHand);
            expect(byHand.output).to.include("it is taken up, and nothing was trained again");
            await client.refresh();
            expect(client.outputs.model.version).to.equal("7");
        });
    });
});
