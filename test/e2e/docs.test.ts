import { rmSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { QUICK_START } from "../docsCommands";
import { readDocument } from "../documents";
import { Client } from "./client";
import { eventually } from "./expectations";
import type { Page } from "./page";
import { TestProject } from "./project";
import { Reader } from "./reader";
import { TestStack } from "./stack";
import { Trio } from "./trio";

const MINUTE = 60_000;

/** What the pages have a reader type is typed here, word for word: each test begins where the one before it ended. */
describe("the pages that a newcomer follows", function () {
    this.timeout(10 * MINUTE);
    let project: TestProject;
    let trio: Trio;
    let reader: Reader;

    const surveyName = (): string => `${project.name}-survey`;

    before(async () => {
        project = new TestProject();
        trio = new Trio(project, (name) => TestStack.planned(project, name));
        reader = new Reader(trio, { "my-survey": surveyName() });
        const { file } = await trio.init("dev");
        // As Pulumi writes it; otherwise its first change of the file would be more than what a page has it change.
        trio.dev.configure({ training: { trials: 2 }, sourceMount: "true", statusPage: "true" });
        project.track(file, file);
    });

    after(async () => {
        reader.leave();
        const listed = await trio.dev.pulumi("stack", "ls", "--json");
        if (listed.output.includes(trio.dev.name)) {
            const ended = await trio.dev.destroy();
            expect(ended.code, ended.output).to.equal(0);
            expect(await trio.dev.engine.left()).to.deep.equal([]);
        }
        rmSync(join(project.folder, "..", surveyName()), { recursive: true, force: true });
        project.remove();
    });

    describe("quick start", () => {
        let start: Page;
        let client: Client;
        before(() => {
            start = reader.open(QUICK_START);
        });

        it("brings dev up, and says where things are", async () => {
            await start.next("npm start");
            client = await Client.of(trio.dev);
        });

        it("asks for a prediction", async () => {
            const output = await start.next("/predict");
            expect(output).to.match(/"class":"(normal|anomaly|boundary)"/);
        });

        it("describes the status page and MLflow as they are", async () => {
            const status = await (await client.request(client.outputs.statusUrl)).text();
            const titles = [...status.matchAll(/<h2[^>]*>([^<]+)</g)].map(([, title]) => title!);
            expect(titles).to.have.length.above(3);
            for (const title of titles) {
                expect(readDocument(QUICK_START.page)).to.include(`*${title}*`);
            }
            const output = await start.next("registered-models/get");
            const { registered_model: model } = JSON.parse(output) as {
                registered_model: { aliases: unknown[] };
            };
            expect(model.aliases).to.deep.equal([{ alias: "champion", version: "1" }]);
            const experiment = "experiments/get-by-name?experiment_name=seismic_classification_dev";
            const asked = `${client.outputs.mlflowUrl}/api/2.0/mlflow/${experiment}`;
            expect((await client.request(asked)).status).to.equal(200);
        });

        it("reloads what serves", async () => {
            await start.next("TITLE");
            await eventually("the edited title", async () => {
                const response = await client.request(`${client.outputs.apiUrl}/openapi.json`);
                return response.ok && (await response.text()).includes("Traces of our survey");
            });
        });

        it("makes another model of other code, and takes the change back", async () => {
            await start.next("N_COMPONENTS");
            await client.refresh();
            await client.servesOn();
            await start.next("git restore");
            expect(project.status()).to.equal("");
        });

        it("trains on a survey of one's own", async () => {
            await start.next("seismic.demo");
            await start.next("data.path");
            await client.refresh();
            expect(client.outputs.model.version).to.equal("3");
        });

        it("leaves nothing", async () => {
            await start.next("pulumi destroy");
            expect((await trio.dev.engine.left()).filter((it) => !it.startsWith("volume"))).to.deep.equal([]);
            await start.next("docker volume rm");
            expect(await trio.dev.engine.left()).to.deep.equal([]);
            expect(project.status()).to.equal("");
            start.expectEnd();
        });
    });
});
