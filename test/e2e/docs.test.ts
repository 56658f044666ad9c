import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { dropSalts } from "../../scripts/setup/checkout";
import { ANOTHER_STACK, PROMOTION, QUICK_START, type Typed } from "../docsCommands";
import { readDocument } from "../documents";
import { Client } from "./client";
import { eventually } from "./expectations";
import { Page } from "./page";
import { TestProject } from "./project";
import { Shell } from "./shell";
import { TestStack } from "./stack";
import { Trio } from "./trio";

const MINUTE = 60_000;

/** What the pages have a reader type is typed here, word for word: each test begins where the one before it ended. */
describe("the pages that a newcomer follows", function () {
    this.timeout(10 * MINUTE);
    let project: TestProject;
    let trio: Trio;
    let stacks: TestStack[];
    const shells: Shell[] = [];

    const surveyName = (): string => `${project.name}-survey`;
    /** A reader of some page, who answers yes to each question. */
    const typing = (): Shell => {
        const shell = new Shell(project.folder, { PULUMI_SKIP_CONFIRMATIONS: "true" });
        shells.push(shell);
        return shell;
    };
    const page = (typed: Typed): Page => {
        const names = {
            ...{ dev: trio.nameOf("dev"), staging: trio.nameOf("staging"), prod: trio.nameOf("prod") },
            "my-survey": surveyName(),
            // Who commits on the pages, and here.
            ann: "e2e",
        };
        return new Page(typed, names, typing());
    };

    before(async () => {
        // A dependency that is not installed would have `npm start` install all of them over those of the checkout.
        const locks = ["package-lock.json", "node_modules/.installed-package-lock.json"];
        expect(new Set(locks.map((name) => readFileSync(name, "utf8"))).size, "lock files").to.equal(1);
        project = new TestProject();
        // The checkout's own stacks may be up, whose salts a clone would not have.
        dropSalts(project.folder);
        trio = new Trio(project, (name) => TestStack.planned(project, name));
        stacks = [await trio.init("dev"), await trio.init("staging"), await trio.init("prod")];
        // As Pulumi writes it; otherwise its first change of the file would be more than what a page has it change.
        const statusPage = (shown: boolean) => ({ statusPage: String(shown) });
        trio.dev.configure({ training: { trials: 2 }, sourceMount: "true", ...statusPage(true) });
        trio.staging.configure({ environment: "staging", ...statusPage(false) });
        trio.configureProd(statusPage(false));
        stacks.forEach(({ file }) => project.track(file, file));
    });

    after(async () => {
        shells.forEach((shell) => shell.close());
        const listed = await trio.dev.pulumi("stack", "ls", "--json");
        for (const stack of stacks.filter(({ name }) => listed.output.includes(name))) {
            const ended = await stack.destroy();
            expect(ended.code, ended.output).to.equal(0);
            expect(await stack.engine.left()).to.deep.equal([]);
        }
        rmSync(join(project.folder, "..", surveyName()), { recursive: true, force: true });
        project.remove();
    });

    describe("quick start", () => {
        let start: Page;
        let client: Client;
        before(() => {
            start = page(QUICK_START);
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

    describe("the worked example of a promotion", () => {
        let example: Page;
        before(() => {
            example = page(PROMOTION);
        });

        it("has staging validate the first release", () => example.next("--stack staging"));

        it("brings prod up with it", async () => {
            await example.next("--to prod");
            await example.next("--stack prod");
            trio.clients.prod = await Client.of(trio.prod);
        });

        it("has staging validate a change", () => example.next("N_COMPONENTS"));

        it("promotes it", async () => {
            await example.next("npm run promote");
            const { versions } = await trio.clients.prod.versionsDuring(example.next("pulumi up"));
            expect(versions).to.deep.equal(["1", "2"]);
        });

        it("shows what serves, and since when", async () => {
            await example.next("npm run history");
            await example.next("npm run verify");
        });

        it("goes back", async () => {
            const { versions } = await trio.clients.prod.versionsDuring(example.next("npm run rollback"));
            expect(versions).to.deep.equal(["2", "1"]);
            await example.next("git commit");
            expect(project.status()).to.equal("");
            example.expectEnd();
        });
    });

    describe("the guide to another environment", () => {
        it("makes a stack that can be brought up, and one to promote from", async () => {
            const guide = page(ANOTHER_STACK);
            const shown = await guide.next("stack init");
            const eu = `${trio.staging.name}-eu`;
            expect(shown).to.include(`seismic-mlops-${eu}-training`);
            await guide.next("promoteFrom");
            expect(project.read(trio.prod.file)).to.include(`promoteFrom: ${eu}`);
            guide.expectEnd();
            const removed = await trio.staging.pulumi("stack", "rm", "--yes", eu);
            expect(removed.code, removed.output).to.equal(0);
        });
    });
});
