import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { blocksOf, readDocument } from "../support/pages/documents";
import { Client } from "../support/stack/client";
import { eventually, succeeds } from "../support/expectations";
import { type Page, QUICK_START, SERVING } from "../support/pages/page";
import { TestProject } from "../support/stack/project";
import { Reader } from "../support/pages/reader";
import { TestStack } from "../support/stack/stack";
import { Trio } from "../support/stack/trio";

const MINUTE = 60_000;

interface Prediction {
    class: string;
    probabilities: object;
    version: string;
}

interface Explained extends Prediction {
    explanation: { features: object[] };
}

interface Predictions {
    predictions: Prediction[];
    version: string;
}

/** Types the pages' commands word for word. Each test begins where the one before ended. */
describe("the pages that a newcomer follows", function () {
    this.timeout(10 * MINUTE);
    this.bail(true);
    let project: TestProject;
    let trio: Trio;
    let reader: Reader;

    const surveyName = (): string => `${project.name}-survey`;

    before(async () => {
        project = new TestProject();
        trio = new Trio(project, (name) => TestStack.planned(project, name));
        reader = new Reader(trio, { "my-survey": surveyName() });
        const { file } = await trio.init("dev");
        // Write the file as Pulumi writes it. Otherwise its first change would be larger than a page's change.
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

        it("shows its outputs, of which the password only as a secret", async () => {
            const shown = await trio.dev.pulumi("stack", "output", "--stack", trio.dev.name);
            succeeds(shown);
            const { apiUrl, password } = client.outputs;
            expect(shown.output).to.include(apiUrl).and.include("[secret]").and.not.include(password);
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

        it("answers a trace, several of them and a SEG-Y file, and says why, as the page on serving says", async () => {
            const { apiUrl, username, password } = client.outputs;
            const serving = reader.open(SERVING, {
                "http://localhost:8080": apiUrl,
                "user:password": `${username}:${password}`,
            });
            const answers = blocksOf(readDocument(SERVING.page)).filter(({ language }) => language !== "sh");
            const shown = (heading: string) => answers.find((it) => it.heading === heading)!.text;
            const { trace } = (await (await client.sample()).json()) as { trace: number[] };
            const given = { "trace.json": { trace }, "traces.json": { traces: [trace, trace] } };
            for (const [name, body] of Object.entries(given)) {
                project.edit(name, JSON.stringify(body));
            }
            const survey = join(project.folder, "..", surveyName());
            cpSync(join(survey, "demo.sgy"), join(project.folder, "line.sgy"));
            const labelled = places(readFileSync(join(survey, "labels.csv"), "utf8"));

            await serving.next("URL=");
            const one = answerIn<Prediction>(await serving.next("/predict"));
            expect(one).to.have.keys(answerIn<Prediction>(shown("One trace")));
            expect(one.version).to.equal(client.outputs.model.version);
            const several = answerIn<Predictions>(await serving.next("@traces.json"));
            expect(several).to.have.keys(answerIn<Predictions>(shown("Many traces")));
            expect(several.predictions.map((it) => it.class)).to.deep.equal([one.class, one.class]);
            for (const form of ["-F file=", "--data-binary"]) {
                await serving.next(form);
                const table = project.read("classes.csv");
                expect(table.split("\n")[0], form).to.equal(shown("A SEG-Y file").split("\n")[0]);
                const answered = new Set(places(table));
                expect(labelled.filter((place) => !answered.has(place))).to.deep.equal([]);
                rmSync(join(project.folder, "classes.csv"));
            }
            const explained = answerIn<Explained>(await serving.next("/explain"));
            const onPage = answerIn<Explained>(shown("Why this answer"));
            expect(explained).to.have.keys(onPage);
            expect(explained.explanation).to.have.keys(onPage.explanation);
            expect(explained.explanation.features[0]).to.have.keys(onPage.explanation.features[0]!);
            serving.expectEnd();
            for (const name of [...Object.keys(given), "line.sgy"]) {
                rmSync(join(project.folder, name));
            }
            await client.servesOn();
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

/** The JSON in an output that also has curl's progress. */
function answerIn<T>(output: string): T {
    const [json] = /\{[^]*\}/.exec(output) ?? [];
    expect(json, output).to.be.a("string");
    return JSON.parse(json!) as T;
}

/** Inline and crossline of each line of a table. */
function places(csv: string): string[] {
    const lines = csv.trim().split("\n").slice(1);
    expect(lines).to.have.length.above(1000);
    return lines.map((line) => line.split(",").slice(0, 2).join(","));
}
