import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { expect } from "chai";
import Docker from "dockerode";

import { AlertmanagerConfigArgs, renderAlertmanager } from "../../components/observing/alertmanagerConfig";
import { stackRules } from "../../components/observing/rules/alertRules";
import { ALERTS_URL } from "../../components/observing/retraining";
import { FORMER_NAMES } from "../../components/observing/rules/formerNames";
import { scrapeTargets } from "../../components/observing/monitoring";
import {
    FORMER_NAMES_FILE,
    renderPrometheus,
    renderRules,
    RULES_FILE,
} from "../../components/observing/prometheusConfig";
import { imageTag } from "../../components/image/sourceImage";
import type { StackConfig } from "../../config/schema";
import { runOnce } from "../../engine/tasks/oneShot";
import { buildImage } from "../../cli/setup/imageBuild";
import { committedConfig, STACK_FILES } from "../support/program/stackFiles";
import { RULE_CASES, renderRuleTests } from "../support/observing/ruleTests";

const IMAGE = { context: "images/monitoring", repository: "seismic-mlops/monitoring" };
/** A recipient of age. */
const AGE = "age15qwaawec3t5jtc74776fz0ydjl0kj0udruth9xpv5zg5kuxufqmqgkq4l5";
/** A configuration with everything that adds to the rendered files. */
const ALL = {
    monitoring: { enabled: true },
    alerts: {
        email: {
            to: "team@example.org",
            from: "alerts@example.org",
            smarthost: "smtp.example.org:587",
            username: "u",
        },
    },
    retraining: { onDrift: true, schedule: "0 3 * * 1" },
    backup: { schedule: "0 3 * * *", recipient: AGE },
    tls: { acme: "ops@example.org", hosts: ["ml.example.org"] },
};

/** The end of a certificate, in seconds since the epoch: the first of January 2030. */
const NEW_YEAR = 1_893_456_000;

/** A stack's files of rules, by their names. */
function rulesOf(config: StackConfig, certificateEnds: number | undefined): Record<string, string> {
    const rules = stackRules({ ...config, targets: scrapeTargets(config), certificateEnds });
    return {
        [basename(RULES_FILE)]: renderRules(rules),
        [basename(FORMER_NAMES_FILE)]: renderRules(FORMER_NAMES),
    };
}

/** Runs Prometheus's own tools on the rendered files of each stack. */
describe("what Prometheus and Alertmanager are given", function () {
    this.timeout("5m");
    const docker = new Docker();
    const tag = imageTag(IMAGE);
    let folder: string;

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), "seismic-rules-"));
        await buildImage(docker, { tag, context: IMAGE.context }, () => undefined);
    });
    after(() => rmSync(folder, { recursive: true }));

    /** Runs a tool on files, which are below /etc/prometheus there. */
    const check = async (files: Record<string, string>, ...command: string[]) => {
        for (const [name, text] of Object.entries(files)) {
            writeFileSync(join(folder, name), text);
        }
        const { exitCode, stdout, tail } = await runOnce(
            docker,
            {
                Image: tag,
                Cmd: command,
                WorkingDir: "/etc/prometheus",
                HostConfig: {
                    // The image's user has another id.
                    Binds: Object.keys(files).map(
                        (name) => `${join(folder, name)}:/etc/prometheus/${name}:ro`,
                    ),
                    NetworkMode: "none",
                },
            },
            () => undefined,
        );
        expect(exitCode, [stdout, ...tail].join("\n")).to.equal(0);
        return stdout;
    };
    const prometheusFiles = (config: ReturnType<typeof committedConfig>) => ({
        ...rulesOf(config, NEW_YEAR),
        "stack.yml": renderPrometheus({
            environment: config.environment,
            stack: config.environment,
            model: config.model.name,
            monitoring: config.monitoring,
            targets: scrapeTargets(config),
            alertmanager: "alertmanager:9093",
            login: { username: "prometheus", passwordFile: "/run/secrets/registry-password" },
        }),
    });

    for (const file of STACK_FILES) {
        for (const [what, more] of [
            ["as it is", {}],
            ["with everything on", ALL],
        ] as const) {
            it(`passes promtool and amtool for ${file} ${what}`, async () => {
                const config = committedConfig(file, more);
                const said = await check(prometheusFiles(config), "promtool", "check", "config", "stack.yml");
                expect(said)
                    .to.match(/SUCCESS: stack.yml is valid/)
                    .and.match(/SUCCESS: \d+ rules found/);
                const rules = rulesOf(config, NEW_YEAR);
                await check(rules, "promtool", "check", "rules", ...Object.keys(rules));
                const on = more === ALL;
                const args: AlertmanagerConfigArgs = {
                    alerts: config.alerts,
                    slack: on,
                    smtpPassword: on,
                    watchdog: on,
                    retraining: on
                        ? { url: ALERTS_URL, username: "alertmanager", passwordFile: "/run/secrets/p" }
                        : undefined,
                };
                const listed = await check(
                    { "alertmanager.yml": renderAlertmanager(args) },
                    ...["amtool", "check-config", "alertmanager.yml"],
                );
                expect(listed).to.include("SUCCESS");
            });
        }
    }

    for (const one of RULE_CASES) {
        it(`tells: ${one.name}`, async () => {
            const { certificateEnds } = one;
            const tls = certificateEnds === undefined ? ALL.tls : { selfSigned: true };
            const rules = rulesOf(committedConfig("Pulumi.prod.yaml", { ...ALL, tls }), certificateEnds);
            await check(
                { ...rules, "test.yml": renderRuleTests(Object.keys(rules), [one]) },
                ...["promtool", "test", "rules", "test.yml"],
            );
        });
    }
});
