import { expect } from "chai";

import { insideTests } from "../support/engine/insideTests";
import { Client } from "../support/stack/client";
import { eventually, fails, succeeds } from "../support/expectations";
import { buildOllama } from "../support/observing/fakeOllama";
import { Observer } from "../support/observing/observer";
import { MAIL, observing, summaryBy } from "../support/observing/observing";
import { hostAddress, isTold, MailReceiver, SlackReceiver, told } from "../support/observing/receivers";
import type { Config, TestStack } from "../support/stack/stack";
import { suiteStack } from "../support/stack/suite";

const MINUTE = 60_000;
const TRAINING = "kit/kit/training/fitting.py";
const LOUD = 8;
const SLOW_MS = 3000;
const BROKEN_FIT = '\ndef fit(*_):\n    raise OSError("no training today")\n\n';

/** Everything that Prometheus asks, in order. */
const TARGETS = [
    ...["alertmanager", "backup", "gateway", "mlflow", "postgres", "prometheus", "retraining"],
    ...["serving", "status", "volumes"],
];

/** One stack that watches itself, from nothing to nothing. Each test begins where the one before ended. */
describe("a stack that is observed", function () {
    this.timeout(10 * MINUTE);
    this.bail(true);
    let stack: TestStack;
    let client: Client;
    let observer: Observer;
    let slack: SlackReceiver;
    let mail: MailReceiver;
    let survey: number[][];

    const configure = (config: Config = {}) =>
        stack.configure({ ...observing(stack.ports, mail), ...config });

    suiteStack(async (made) => {
        stack = made;
        const host = await hostAddress(stack.engine.docker);
        slack = new SlackReceiver(host);
        mail = new MailReceiver(host, MAIL);
        await Promise.all([slack.start(), mail.start(), buildOllama(stack.engine.docker)]);
        configure();
    });
    after(async () => {
        await Promise.all([slack.stop(), mail.stop()]);
    });

    it("refuses a receiver's secret that is given in plain, and one that is missing", async () => {
        configure({ slackWebhook: slack.url });
        fails(
            await stack.preview(),
            "slackWebhook: given in plain; take it back, and set it with: pulumi config set --secret slackWebhook",
            "smtpPassword: missing, and alerts.email.username needs it",
        );
    });

    it("comes up, with every target answering", async () => {
        configure();
        await stack.setSecret("slackWebhook", slack.url);
        await stack.setSecret("smtpPassword", MAIL.password);
        succeeds(await stack.up());
        client = await Client.of(stack);
        observer = new Observer(client);
        await eventually("every target", async () => {
            const jobs = await observer.answering();
            return jobs.length === TARGETS.length && jobs.every((job, index) => job === TARGETS[index]);
        });
        expect(await observer.query("haproxy_process_dropped_logs_total == 0")).to.have.length(1);
        succeeds(await stack.preview("--expect-no-changes"));
        // Nothing serves before the first release, and that is no alarm.
        expect([...slack.messages, ...mail.messages]).to.deep.equal([]);
    });

    insideTests(() => stack, [...TARGETS, "access", "ollama", "postgres-metrics"]);

    it("keeps the receivers' secrets out of its state and of what the engine shows", async () => {
        const { output } = await stack.pulumi("stack", "export", "--stack", stack.name);
        const inspected: unknown = await stack.engine.docker
            .getService(stack.engine.physical("alertmanager"))
            .inspect();
        for (const secret of [MAIL.password, slack.url]) {
            expect(output).not.to.include(secret);
            expect(JSON.stringify(inspected)).not.to.include(secret);
        }
    });

    it("asks for credentials on the pages of what observes it", async () => {
        const { statusUrl, prometheusUrl, alertmanagerUrl } = client.outputs;
        for (const url of [statusUrl, prometheusUrl, alertmanagerUrl]) {
            expect((await fetch(url!)).status, url).to.equal(401);
            expect((await client.request(url!)).status, url).to.equal(200);
        }
    });

    it("shows what serves on its status page", async () => {
        await eventually("both replicas on the page", async () => {
            const { serving } = (await observer.status()) as { serving: { replicas: { version: string }[] } };
            return (
                serving.replicas.length === 2 &&
                serving.replicas.every(({ version }) => version === client.outputs.model.version)
            );
        });
        survey = await observer.traces();
        expect(survey.length).to.be.greaterThan(2000);
    });

    it("explains the run in MLflow, in the words of the model that it was given", async () => {
        const description = await observer.lastDescription();
        expect(description).to.match(/Written by the language model `llama3.2:1b`/);
        expect(description).to.include("macro F1");
    });

    it("does not take traces of its own survey for drifted", async () => {
        await observer.predict(survey);
        await eventually(
            "a score",
            async () => (await observer.query("model_drift_score >= 0")).length === 2,
        );
        const [worst] = await observer.query("max(model_drift_score)");
        expect(worst!.value).to.be.lessThan(0.2);
        // For dashboards and alerts of others, the series is there under its old name too.
        const former = await observer.query('seismic_drift_score{model="SeismicClassifier"}');
        expect(former).to.have.length(2);
    });

    describe("that has a replica that hangs, and is asked for drifted traces", () => {
        it("tells of each once by Slack and by e-mail, in under 90 s", async () => {
            const [replica] = await stack.engine.running("serving");
            await observer.predict(survey, LOUD);
            const began = Date.now();
            await stack.engine.docker.getContainer(replica!.Id).kill({ signal: "SIGSTOP" });
            await Promise.all([
                isTold([slack, mail], "ServingReplicaDown", "FIRING", began),
                isTold([slack, mail], "ModelDrift", "FIRING", began),
            ]);
        });

        it("says what, since when, and where to read on", () => {
            for (const { messages } of [slack, mail]) {
                const [message] = told(messages, "ServingReplicaDown", "FIRING");
                expect(message!.title).to.equal(`[FIRING, warning] ${stack.name}: ServingReplicaDown`);
                expect(message!.text)
                    .to.match(/1 of 2 replicas of serving answer/)
                    .and.match(/Since 2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d UTC/)
                    .and.include("Runbook: docs/runbook.md#servingreplicadown");
            }
        });

        it("trains again because of the drift, once, and writes down what came of it", async () => {
            const [decision, ...others] = await eventually("a decision", async () => {
                const decisions = await observer.decisions();
                return decisions.some(({ outcome }) => outcome !== "started") && decisions;
            });
            expect(others).to.deep.equal([]);
            // The data and the trainer are those of the serving release.
            expect(decision).to.include({
                trigger: "alert ModelDrift",
                outcome: "reproduced",
                version: client.outputs.model.version,
            });
        });
    });

    describe("whose training fails", () => {
        it("tells of it once, and goes on watching and training again by what was released", async () => {
            const training = stack.project.read(TRAINING);
            stack.project.write(TRAINING, training.replace("\ndef fit(", `${BROKEN_FIT}\ndef _fit(`));
            fails(await client.servesDuring(stack.up()), "no training today");
            const began = Date.now();
            await isTold([slack, mail], "TrainingFailed", "FIRING", began);
            const roles = ["serving", "status", "retraining"];
            const images = await Promise.all(roles.map((role) => stack.engine.imageOf(role)));
            // The source identifies the release. In the image's name, the base follows it.
            const sources = images.map((image) => image.replace(/-[0-9a-f]{12}$/, ""));
            expect(new Set(sources)).to.deep.equal(new Set([client.outputs.release.image]));
        });
    });

    describe("that is mended", () => {
        it("says so by e-mail, and by Slack when that is back, slow as it is", async () => {
            await slack.stop();
            stack.project.restore(TRAINING);
            configure({
                training: { run: "on-change", trials: 3 },
                summary: summaryBy("absent"),
            });
            succeeds(await client.servesDuring(stack.up()));
            await client.refresh();
            const began = Date.now();
            await observer.predict([...survey, ...survey]);
            const mended = ["ServingReplicaDown", "ModelDrift", "TrainingFailed"];
            await Promise.all(mended.map((alert) => isTold([mail], alert, "RESOLVED", began)));
            await eventually("the failed deliveries to be counted", async () => {
                const failed = 'sum(alertmanager_notifications_failed_total{integration="slack"}) > 0';
                return (await observer.query(failed)).length > 0;
            });
            await slack.start(SLOW_MS);
            await Promise.all(mended.map((alert) => isTold([slack], alert, "RESOLVED", Date.now())));
        });

        it("explains that run too, without the model that it could not get", async () => {
            const description = await observer.lastDescription();
            expect(description)
                .to.match(/^No summary: /)
                .and.include("macro F1");
        });
    });

    describe("whose Prometheus, Alertmanager and status page are killed", () => {
        const watchers = ["prometheus", "alertmanager", "status"];

        it("serves on, and has its samples again when they are back", async () => {
            const before = await observer.query("min_over_time(up{job='gateway'}[15m])");
            await client.servesDuring(
                (async () => {
                    for (const role of watchers) {
                        const [task] = await stack.engine.running(role);
                        await stack.engine.docker.getContainer(task!.Id).kill();
                    }
                    await eventually("those who watch", async () => {
                        const jobs = await observer.answering().catch((): string[] => []);
                        return watchers.every((role) => jobs.includes(role));
                    });
                })(),
            );
            expect(await observer.query("up{job='gateway'} offset 1m")).to.have.length(before.length);
        });
    });

    describe("whose model has no reference for drift", () => {
        it("serves as before, and says that it cannot see drift", async () => {
            const [mlflow] = await stack.engine.running("mlflow");
            const artifacts = ["find", "/mlflow/artifacts", "-name", "drift_reference.json", "-delete"];
            await stack.engine.exec(mlflow!.Id, artifacts);
            const [replica] = await stack.engine.running("serving");
            await client.servesDuring(
                (async () => {
                    await stack.engine.docker.getContainer(replica!.Id).kill();
                    await eventually("a replica without a reference", async () => {
                        return (await observer.query("model_drift_reference == 0")).length === 1;
                    });
                })(),
            );
            await client.servesOn();
        });
    });
});
