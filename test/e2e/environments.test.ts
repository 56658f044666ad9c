import { expect } from "chai";

import { short } from "../../common/hashes";
import { Client } from "../support/stack/client";
import { fails, succeeds } from "../support/expectations";
import { ANOTHER_STACK, AWAY, type Page, PROMOTION } from "../support/pages/page";
import { Reader } from "../support/pages/reader";
import { suiteStacks } from "../support/stack/suite";
import { expectKept, expectNothingCrossed, expectNoWayAcross, Trio } from "../support/stack/trio";

const MINUTE = 60_000;
const TRAIN = "trainer/seismic/train.py";

/**
 * Three stacks of one project, from nothing to nothing. Each test begins where the one before ended. The commands of
 * a promotion's worked example are typed word for word, and everything else is checked on the way. Mocha runs a
 * suite's own tests before its nested suites, so all tests are in nested suites.
 */
describe("dev, staging and prod", function () {
    this.timeout(10 * MINUTE);
    this.bail(true);
    let trio: Trio;
    let reader: Reader;
    let example: Page;
    /** The commits that staging validates, oldest first. */
    const commits: string[] = [];
    /** The hashes that prod served for these commits. */
    const hashes: string[] = [];

    suiteStacks((project, make) => {
        trio = new Trio(project, make);
        reader = new Reader(trio);
        example = reader.open(PROMOTION);
    });
    after(() => reader.leave());

    describe("with nothing deployed", () => {
        it("can be previewed, each of them", async () => {
            const prod = await trio.init("prod");
            trio.configureProd({ release: trio.project.head() });
            const shown = await prod.preview();
            succeeds(shown);
            expect(shown.output).to.include(`there is no stack ${trio.nameOf("staging")} yet`);
            await trio.init("staging");
            trio.configureStaging();
            (await trio.init("dev")).configure({ sourceMount: true });
            succeeds(await trio.staging.preview());
            succeeds(await trio.dev.preview());
        });

        it("refuse in prod what nobody validated, and say how to validate it", async () => {
            fails(
                await trio.prod.preview(),
                `was not validated in ${trio.staging.name}, which promoteFrom names; validate it there first`,
                `${trio.staging.name} has validated nothing yet`,
            );
            fails(await trio.promote(), `Stack ${trio.staging.name} has validated nothing yet`);
            expect(await trio.prod.engine.left()).to.deep.equal([]);
        });

        it("refuse in prod a branch, which names another commit later", async () => {
            trio.configureProd({ release: "main" });
            fails(
                await trio.prod.preview(),
                "release: got main, which names another commit later; pin a tag",
            );
            trio.configureProd();
            fails(await trio.prod.preview(), "release: got nothing; prod pins a git tag or commit");
        });
    });

    describe("brought up", () => {
        it("give the same model for the same code and data", async () => {
            succeeds(await trio.dev.up("--policy-pack", "policy"));
            trio.configureProd();
            for (const { file } of [trio.staging, trio.prod]) {
                trio.project.track(file, "what the stacks are to be");
            }
            // Staging runs the committed code, whatever the working tree has.
            const train = trio.project.read(TRAIN);
            trio.project.edit(TRAIN, "raise SystemExit('not committed')\n");
            await example.next("--stack staging");
            trio.project.edit(TRAIN, train);
            const [dev, staging] = await Promise.all([trio.dev.outputs(), trio.staging.outputs()]);
            expect(staging.model.sha256).to.equal(dev.model.sha256);
            expect(staging.model).to.include({ version: "1", alias: "champion" });
            const [record] = staging.releases;
            expect(record).to.include({ ref: "HEAD", version: "1", by: "e2e", why: "first release" });
            expect(record!.metrics.macroF1).to.be.greaterThan(0.5);
            commits.push(record!.commit);
            trio.clients.staging = await Client.of(trio.staging);
            await trio.clients.staging.servesOn();
            succeeds(await trio.staging.preview("--expect-no-changes"));
        });

        it("keep what they serve, so that it starts while MLflow is away", () => expectKept(trio));

        it("have prod take what staging validated, and nothing else", async () => {
            const other = trio.project.write("NOTES.md", "not validated");
            trio.configureProd({ release: other });
            fails(await trio.prod.preview(), "was not validated in", short(commits[0]!), /macro F1 0\.\d{3}/);
            trio.configureProd();
            await example.next("--to prod");
            expect(trio.project.read(trio.prod.file)).to.include(`seismic-mlops:release: ${commits[0]}`);
            await example.next("--stack prod");
            trio.clients.prod = await Client.of(trio.prod);
            expect(trio.clients.prod.outputs.release.commit).to.equal(commits[0]);
            expect(trio.clients.prod.outputs.releases[0]).to.include({
                why: `promotion from ${trio.staging.name}`,
            });
            hashes.push(trio.clients.prod.outputs.model.sha256);
            succeeds(await trio.prod.preview("--expect-no-changes"));
        });

        it("have nothing trained cross from staging to prod", () => expectNothingCrossed(trio));

        it("have prod's network and credentials reach nothing of staging", () => expectNoWayAcross(trio));

        it("have a second release answer after the first one, with no request lost", async () => {
            await example.next("N_COMPONENTS");
            commits.push(trio.project.head());
            await example.next("npm run promote");
            const { versions } = await trio.clients.prod.versionsDuring(example.next("pulumi up"));
            expect(versions).to.deep.equal(["1", "2"]);
            const { releases } = await trio.clients.prod.refresh();
            expect(releases.map(({ commit }) => commit)).to.deep.equal([commits[1], commits[0]]);
            expect(releases[0]).to.include({ version: "2" });
            hashes.push(releases[0]!.sha256);
            expect(hashes[1]).not.to.equal(hashes[0]);
        });

        it("have alias and stage name what serves", async () => {
            const python =
                "import mlflow\n" +
                "client = mlflow.MlflowClient()\n" +
                "print(client.get_model_version_by_alias('SeismicClassifier', 'champion').version,\n" +
                "      [v.version for v in client.get_latest_versions('SeismicClassifier', ['Production'])],\n" +
                "      sorted(client.get_registered_model('SeismicClassifier').aliases))";
            const said = await trio.prod.engine.python(trio.clients.prod.outputs.release.image, python, [
                "MLFLOW_TRACKING_URI=http://mlflow:5000",
            ]);
            expect(said.trim()).to.equal("2 ['2'] ['champion']");
        });

        it("are what they say, which verify tells", async () => {
            const earlier = await trio.seenOfProd();
            await example.next("npm run history");
            await example.next("npm run verify");
            const verified = await trio.prod.script("verify", "--stack", trio.prod.name);
            succeeds(verified);
            expect(verified.output)
                .to.match(/ok +replicas that answer +2/)
                .and.match(/ok +trained again/)
                .and.include("All is as the stack says.");
            expect(await trio.seenOfProd(), "what they leave as it was").to.deep.equal(earlier);
            const setAlias = (version: string) =>
                trio.askMlflow("registered-models/alias", {
                    name: "SeismicClassifier",
                    alias: "champion",
                    version,
                });
            expect((await setAlias("1")).status).to.equal(200);
            const wrong = await trio.prod.script("verify", "--stack", trio.prod.name, "--skip-training");
            fails(wrong, /FAILED +alias champion +got version 1; the stack says version 2/);
            await setAlias("2");
        });
    });

    describe("go back in prod", () => {
        it("only to what prod has served", async () => {
            fails(
                await trio.rollback("--release", "HEAD~500"),
                "HEAD~500: this clone has no such tag, branch or commit",
            );
            const between = trio.project.write("NOTES.md", "never served");
            fails(
                await trio.rollback("--release", between),
                "which this stack never served; choose one of the list",
            );
        });

        it("to the release before without training, the same model, with no request lost", async () => {
            const { versions } = await trio.clients.prod.versionsDuring(example.next("npm run rollback"));
            expect(versions).to.deep.equal(["2", "1"]);
            const { model, release } = await trio.clients.prod.refresh();
            expect(model).to.include({ version: "1", sha256: hashes[0] });
            expect(release.commit).to.equal(commits[0]);
            expect(await trio.prod.engine.containers("training")).to.deep.equal([]);
            await example.next("git commit");
            expect(trio.project.status()).to.equal("");
            example.expectEnd();
            succeeds(await trio.prod.preview("--expect-no-changes"));
        });

        it("by training again when the registry lost the version, the same model", async () => {
            const version = { name: "SeismicClassifier", version: "2" };
            const lost = await trio.askMlflow("model-versions/delete", version, "DELETE");
            expect(lost.status).to.equal(200);
            succeeds(await trio.clients.prod.servesDuring(trio.rollback("--release", commits[1]!, "--yes")));
            expect((await trio.clients.prod.refresh()).model).to.include({ version: "3", sha256: hashes[1] });
        });

        it("and can tell all of it", async () => {
            const history = await trio.prod.script("history", "--stack", trio.prod.name);
            succeeds(history);
            const [first, second] = [commits[0]!, commits[1]!].map(short);
            expect(history.output)
                .to.match(new RegExp(`e2e +- +${first} version 1 +promotion from`))
                .and.match(new RegExp(`e2e +${second} version 2 +${first} version 1 +boundaries are missed`))
                .and.match(new RegExp(`e2e +${first} version 1 +${second} version 3 +rollback to ${second}`));
        });
    });

    describe("the guide to another environment", () => {
        it("makes a stack that can be brought up, and one to promote from", async () => {
            const guide = reader.open(ANOTHER_STACK);
            const shown = await guide.next("stack init");
            const eu = `${trio.staging.name}-eu`;
            expect(shown).to.include(`seismic-mlops-${eu}-training`);
            await guide.next("promoteFrom");
            expect(trio.project.read(trio.prod.file)).to.include(`promoteFrom: ${eu}`);
            guide.expectEnd();
            succeeds(await trio.staging.pulumi("stack", "rm", "--yes", eu));
        });
    });

    describe("the guide to have one away", () => {
        it("leaves prod's volumes alone, and the other stacks as they are", async () => {
            const volumes = (await trio.prod.engine.left()).filter((it) => it.startsWith("volume"));
            expect(volumes).not.to.be.empty;
            const guide = reader.open(AWAY);
            await guide.next("pulumi destroy");
            guide.expectEnd();
            expect(await trio.prod.engine.left()).to.have.members(volumes);
            await trio.clients.staging.refresh();
            await trio.clients.staging.servesOn();
        });
    });
});
