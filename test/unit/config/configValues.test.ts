import { expect } from "chai";

import { PARTS } from "../../../config/access/access";
import { parseConfig } from "../../../config/parse";
import { schema } from "../../../config/schema";
import { LIMITED, leavesOf } from "../../support/program/problemsOfConfig";

/** A recipient of age. */
const AGE = "age15qwaawec3t5jtc74776fz0ydjl0kj0udruth9xpv5zg5kuxufqmqgkq4l5";
const DURATION = ["", "0s", "-1s", "30", 30, "1.5h", "1d", "9999999h", "99999999999999999999s", "30s\n"];
const SIZE = ["", "0m", "1k", "64", 64, "1.5g", "-1g", "99999999g", "7000k"];
const PORT = [0, -1, 99999, 1.5, "8000", true, null];
const CPUS = [0, -1, 0.001, 5000, "half", "NaN", null];
const WHOLE = [-1, 1.5, "2", 1e12, null];
const SEED = [-1, 2 ** 32, 0.5, "7"];
const NUMBER = ["low", "", "NaN", true, null, [1]];
const LOSS = [
    ...[-1, "low", true, null, {}, { by: 1 }, { better: "lower" }, { by: -1, better: "lower" }],
    { by: 1, better: "less" },
];
const SHARE = [-0.1, 1.1, "low", "NaN", null];
const FLAG = ["yes", "true", 1, null];
const NAME = ["", " ", "a b", "-a", "a\nb", "a\u0007b", "ä", "a".repeat(251), 2024, true, null];
const EMAIL = ["", "ann", "ann@", "@b.org", "a b@c.org", "ann@b.org\nBcc: x@y.z", "a@b.org,", 5];
const IMAGE = ["", "ollama", "Ollama/ollama:1", "a:b c", "a:1\n", `a:${"1".repeat(129)}`];
const URLS = [
    ...["", "ml.example.org", "ftp://a", "https://", "https://a b", "https://a\n", "https://u:p@a"],
    ...["https://a?b", 5],
];
const RECIPIENT = [
    ...["", "ann@example.org", `${AGE.slice(0, -1)}q`, `${AGE},`, `${AGE} ${AGE}`, AGE.toUpperCase(), 5],
    ...["AGE-SECRET-KEY-1QQQ", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"],
];
const CRON = [
    ...["", "every day", "a b c d e", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8"],
    ...["*/0 * * * *", "5-1 * * * *", "1,, * * * *", "* * * * * *", "0 0 30 2 *", "0 0 31 APR *"],
    "1-2-3 * * * *",
];
const WORD = ["", "Dev", 1, null];
const resourcesOf = (path: string) => ({ [`${path}.cpus`]: CPUS, [`${path}.memory`]: SIZE });

/** Refused values of each key of a stack's configuration. */
const REFUSED: Record<string, unknown[]> = {
    environment: ["development", ...WORD],
    "trainer.path": ["", "../x", "a\nb", 5],
    "trainer.package": ["", "a-b", "a\n", 5],
    "trainer.settings.x": [null, [1], { a: 1 }],
    release: ["", " ", "-x", "a b", "a\nb", "a:b", "\u0000"],
    promoteFrom: NAME,
    "data.traces": [999, ...WHOLE],
    "data.samples": [63, ...WHOLE],
    "data.seed": SEED,
    "data.source": ["demos", undefined, ...WORD],
    "data.path": ["", " ", "a\nb", "a\u0000", 5],
    "mlflow.port": PORT,
    "mlflow.experiment": NAME,
    "mlflow.backend": WORD,
    ...resourcesOf("mlflow.limits"),
    ...resourcesOf("mlflow.reservations"),
    "model.name": NAME,
    "model.stage": WORD,
    "training.run": WORD,
    "training.trials": [0, ...WHOLE],
    "training.timeBudget": DURATION,
    "training.timeout": [...DURATION, "169h"],
    "training.hyperparameters.x": [null, [1], { a: 1 }],
    "training.seed": SEED,
    ...resourcesOf("training.limits"),
    "gate.floors.macroF1": SHARE,
    "gate.floors.accuracy": SHARE,
    "gate.floors.recall": SHARE,
    "gate.floors.classRecall.x": SHARE,
    "gate.regression.macroF1": SHARE,
    "gate.regression.accuracy": SHARE,
    "gate.regression.recall": SHARE,
    "gate.regression.x": [0.1, ...LOSS],
    "gate.bounds.x.min": NUMBER,
    "gate.bounds.x.max": NUMBER,
    "gate.mode": WORD,
    "serving.replicas": [0, 257, 10_000, ...WHOLE],
    "serving.port": PORT,
    ...resourcesOf("serving.limits"),
    ...resourcesOf("serving.reservations"),
    monitor: DURATION,
    logLevel: WORD,
    sourceMount: FLAG,
    "monitoring.enabled": FLAG,
    "monitoring.port": PORT,
    "monitoring.alertmanagerPort": PORT,
    "monitoring.scrapeInterval": [...DURATION, "31s"],
    "monitoring.retention": ["", "0d", "15", 15, "15d\n", "9999999d", "1.5d"],
    "monitoring.retentionSize": SIZE,
    ...resourcesOf("monitoring.limits"),
    "alerts.slack.channel": ["", "seismic", "#", "#a b", "#a\nb", "#a\u0007"],
    "alerts.email.to": EMAIL,
    "alerts.email.from": EMAIL,
    "alerts.email.smarthost": ["", "b.c", "b.c:0", "b.c:99999", "b c:25", ":25", "b.c:25\n"],
    "alerts.email.username": ["", " ", "a\nb"],
    "alerts.email.startTls": FLAG,
    "alerts.runbook": ["", " ", "a b", "https://", "ftp://a.org/x", "https://a.org/x\ny", "javascript:x"],
    "alerts.repeat": DURATION,
    "alerts.errorRatio": SHARE,
    "alerts.latencySeconds": [0, -1, 1e9, "fast", "NaN"],
    "alerts.drift.score": [0, -1, 1e9, "high"],
    "alerts.drift.window": DURATION,
    "alerts.drift.windows": [0, ...WHOLE],
    "alerts.drift.atLeast": [0, ...WHOLE],
    "alerts.modelAgeDays": [0, ...WHOLE],
    "alerts.diskFree": SHARE,
    statusPage: FLAG,
    "gate.uncompared": ["", "warn", true, 1],
    "access.url": [...URLS, ...[":8443", "/x", ":443"].map((end) => `https://ml.example.org${end}`)],
    ...Object.fromEntries(PARTS.map((part) => [`access.${part}`, URLS])),
    "access.users.x": ["", "Admin", "root", 1, null],
    "access.logSample": SHARE,
    "tls.certificate": ["", 5, null],
    ...{ "tls.selfSigned": FLAG, "tls.endsBefore": FLAG },
    "tls.acme": ["", "ops", "ops@example", "a@b.org, c@d.org", true, 5, null],
    "tls.acmeServer": ["", "acme.example.org", "http://acme.example.org/directory", "https://", 5, null],
    "tls.acmeAuthority": ["", 5, null],
    "tls.httpPort": PORT,
    "tls.hosts": ["ml.example.org", [""], ["a\nb"], [5], null],
    "tls.hsts": [-1, 1.5, "31536000s", 1e9, true, null],
    "tls.trusted": ["10.0.0.5", ["10.0.0"], ["10.0.0.0/33"], ["proxy.example.org"], [5], null],
    "backup.recipient": RECIPIENT,
    "backup.schedule": CRON,
    "backup.keep": ["", "0d", "30", "2w", "1.5d", "30d\n", 0, -1, 1.5, 10_001, true, null],
    "backup.folder": ["", "backups", "./backups", "/", "//a", "/a/../b", "/a/./b", "/a\nb", 5],
    ...resourcesOf("backup.limits"),
    "registry.address": [...",a,https://a.b,a.b/C,a.b:123456,u@a.b,a.b/,a.b/c:d,a.b\n".split(","), 5],
    "registry.builtIn": FLAG,
    "placement.serving.constraints": ["id==a", "node.id=a", "node.id==", "node.id==a\n"].map((it) => [it]),
    "placement.serving.spread": ["", "zone", "node.role", "node.labels.", "node.labels.a b", 5],
    "registry.port": PORT,
    "retraining.onDrift": FLAG,
    "retraining.schedule": CRON,
    "retraining.cooldown": DURATION.filter((it) => it !== "0s"),
    "retraining.serve": FLAG,
    "summary.enabled": ["yes", "Auto", 1, null],
    "summary.image": IMAGE,
    "summary.model": ["", "a b", "a\nb", "-x", ":1b"],
    "summary.port": PORT,
    "summary.timeout": DURATION,
    ...resourcesOf("summary.limits"),
    ...Object.fromEntries(LIMITED.flatMap((part) => Object.entries(resourcesOf(`limits.${part}`)))),
    "grafana.image": IMAGE,
    "grafana.port": PORT,
};

const DEMO = { data: { source: "demo" } };
/** The keys that must be set beside a nested key. */
const BESIDE: Record<string, object> = {
    "data.path": { data: { source: "folder" } },
    ...Object.fromEntries(["traces", "samples", "seed"].map((key) => [`data.${key}`, DEMO])),
    ...Object.fromEntries(
        ["to", "from", "smarthost", "username", "startTls"].map((key) => [
            `alerts.email.${key}`,
            { alerts: { email: { to: "a@b.org", from: "a@b.org", smarthost: "b.org:25" } } },
        ]),
    ),
};

function problems(values: object): string[] {
    try {
        parseConfig({ environment: "dev", ...values });
    } catch (error) {
        return (error as Error).message.split("\n").slice(1);
    }
    return [];
}

function withValue(values: object, [key, ...rest]: string[], value: unknown): object {
    const inner = (values as Record<string, object>)[key!] ?? {};
    return { ...values, [key!]: rest.length > 0 ? withValue(inner, rest, value) : value };
}

describe("each key of a stack's configuration", () => {
    it("is in the table of what is refused", () => {
        expect(Object.keys(REFUSED)).to.have.members(leavesOf(schema));
    });

    for (const [key, values] of Object.entries(REFUSED)) {
        it(`is refused with its path first: ${key}`, () => {
            for (const value of values) {
                const given = withValue(BESIDE[key] ?? {}, key.split("."), value);
                const said = problems(given);
                expect(said, JSON.stringify(value)).to.have.length.above(0);
                for (const line of said) {
                    expect(line, JSON.stringify(value)).to.match(
                        new RegExp(
                            `^ {2}${key}(\\.[a-z0-9]+)?: (got .+; (needs |allowed: |at most ).+|missing.*)$`,
                        ),
                    );
                }
            }
        });
    }

    it("is taken where it is ordinary", () => {
        const taken: [string, unknown[]][] = [
            ["backup.keep", ["1d", "30d", 1, 14]],
            ["backup.schedule", ["0 3 * * *"]],
            ["backup.recipient", [AGE, `${AGE}, ${AGE}`]],
            ["training.timeout", ["1s", "90m", "168h"]],
            ["retraining.cooldown", ["0s", "30m"]],
            [
                "retraining.schedule",
                [
                    "0 3 * * 1",
                    "*/15 0-6 1,15 JAN-mar SUN",
                    "0 0 LW * *",
                    "0 0 29 2 *",
                    "0 0 31 4 1",
                    "0 4 * * 5#2",
                    "5/15 * * * *",
                    "0 0 * * 5L",
                ],
            ],
            ["training.limits.memory", ["6m", "6144k", "512m", "2g"]],
            ["training.limits.cpus", [0.1, 0.25, "0.5", 2, 10, 100]],
            ["serving.limits.cpus", [0.01, 0.05, 0.333, 1024]],
            ["training.seed", [0, 2 ** 32 - 1]],
            ["serving.replicas", [1, 256]],
            ["release", ["v1.2", "main", "release/eu", "HEAD~1", "1234567", "refs/tags/1.1", "v1^{commit}"]],
            ["alerts.email.to", ["ann@b.org", "root@mail", "ann@b.org, bob@c.org"]],
            ["alerts.email.smarthost", ["b.org:587", "[::1]:25", "10.0.0.1:25"]],
            ["alerts.runbook", ["docs/runbook.md", "https://wiki.example.org/a?b=c#d"]],
            ["alerts.slack.channel", ["#a", "@ann"]],
            [
                "summary.image",
                ["ollama/ollama:0.12.6", "r.example.org:5000/a/b_c:1", `a:1@sha256:${"0".repeat(64)}`],
            ],
            ["summary.model", ["llama3.2:1b", "hf.co/a/B-GGUF:Q4_K_M", "qwen2.5"]],
            ["data.path", ["../data", "/srv/Überlauf/seismic data"]],
        ];
        for (const [key, values] of taken) {
            for (const value of values) {
                const given = withValue(BESIDE[key] ?? {}, key.split("."), value);
                expect(problems(given), `${key}: ${JSON.stringify(value)}`).to.deep.equal([]);
            }
        }
    });

    it("that limits a container is refused where the Docker provider reads another number back", () => {
        expect(problems({ training: { limits: { cpus: 0.05 } } })).to.deep.equal([
            "  training.limits.cpus: got 0.05; needs a number of cores that the Docker provider reads back as it is, such as 0.1, 0.25 or 2",
        ]);
    });
});
