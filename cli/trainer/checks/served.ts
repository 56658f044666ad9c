/** Judges what services of a trainer answered. Pure. */
import contract from "../../../contract/trainer.schema.json";
import { parseJson } from "../../../common/json";
import { STOP_GRACE_SECONDS } from "../../../components/image/stopGrace";
import { COMMIT } from "../bench";
import type { Answer } from "../http";
import { type Check, missing, ok, skipped, unless, type Verdict, wrong } from "../lines";
import { type Answers, lackingMetrics, type Served, type Service } from "./answering";
import { endOf, judgeStop, problemsBy, seconds } from "./endings";
import { namesAll } from "./refusals";

const SERVING = "Serving";
const SERVICES = "Status page and retraining";
/** docs/serving.md: the model is missing, or is another one. */
const BAD_MODEL = 3;
const { servingVariables, metricNames } = contract.$defs;

export const SERVED_CHECKS: readonly Check<Served>[] = [
    { what: "takes requests: /ready", section: SERVING, judge: judgeReady },
    { what: "/health", section: SERVING, judge: of(({ health }) => answered("/health", health)) },
    { what: "/version", section: SERVING, judge: of(judgeVersion) },
    { what: "X-Model-Version", section: SERVING, optional: true, judge: of(judgeHeader) },
    {
        what: "answers expectations.json",
        section: "What the served model must answer",
        judge: of(judgeAnswers),
    },
    { what: "/sample", section: SERVING, optional: true, judge: of(judgeSample) },
    {
        what: "/metrics",
        section: SERVING,
        optional: true,
        judge: of(({ metrics }) => judgeMetrics(metrics, "serving")),
    },
    { what: "METRICS_PORT", section: SERVING, optional: true, judge: of(judgeSecond) },
    { what: "/ready is 503 before it ends", section: SERVING, judge: of((_, seen) => judgeDrain(seen)) },
    {
        what: "SIGTERM ends it with 0",
        section: SERVING,
        judge: of((_, { ended }) => judgeStop(ended, 0, STOP_GRACE_SECONDS.serving * 1000)),
    },
    {
        what: "refuses a model of another hash",
        section: SERVING,
        judge: ({ otherHash }) => judgeOther(otherHash),
    },
    {
        what: "missing variables",
        section: SERVING,
        judge: ({ bare }) =>
            namesAll(
                bare,
                servingVariables.required.filter((name) => name !== "ENVIRONMENT"),
                "when variables are missing",
            ),
    },
];

/** A judgement that needs a service that takes requests. */
function of(judge: (answers: Answers, seen: Served) => Verdict): (seen: Served) => Verdict {
    return (seen) =>
        seen.answers === undefined ? skipped("it takes no requests") : judge(seen.answers, seen);
}

function judgeReady({ answers, ended }: Served): Verdict {
    return answers !== undefined
        ? ok()
        : wrong(
              ended.signal === "SIGKILL"
                  ? "GET /ready is not 200 in time"
                  : `it ended before it took requests: ${endOf(ended)}`,
              ended.stderr,
          );
}

function answered(path: string, answer: Answer | undefined): Verdict {
    return unless(
        answer?.status === 200 ? undefined : `GET ${path}: got ${answer?.status ?? "no answer"}; needs 200`,
        "",
        answer?.body.slice(0, 200),
    );
}

function judgeVersion({ version }: Answers, { model }: Served): Verdict {
    const plain = answered("/version", version);
    if (plain.mark !== "ok") {
        return plain;
    }
    const value = parseJson(version!.body);
    const [problem] = problemsBy("served", value);
    if (problem !== undefined) {
        return wrong(`by contract/trainer.schema.json (served): ${problem}`, version!.body);
    }
    const wanted = { model_version: model.version, model_sha256: model.sha256, commit: COMMIT };
    const differing = Object.entries(wanted).filter(
        ([name, it]) => (value as Record<string, unknown>)[name] !== it,
    );
    return unless(
        differing.length === 0
            ? undefined
            : `${differing.map(([name, it]) => `${name} is not ${it}`).join("; ")}`,
        "",
        version!.body,
    );
}

function judgeHeader({ version }: Answers, { model }: Served): Verdict {
    const header = version?.headers.get("x-model-version") ?? undefined;
    if (header === undefined) {
        return missing("the gateway's access log has no version");
    }
    return unless(header === model.version ? undefined : `got ${header}; MODEL_VERSION is ${model.version}`);
}

function judgeAnswers({ problems }: Answers, { model }: Served): Verdict {
    if (model.expectations === undefined) {
        return skipped("the run has no expectations.json that can be asked");
    }
    return unless(problems.length === 0 ? undefined : problems[0], "", problems.slice(1).join("\n"));
}

function judgeSample({ sample, sampled }: Answers): Verdict {
    if (sample?.status !== 200) {
        return missing("the commands that npm start prints have no request to try");
    }
    return unless(
        sampled?.status === 200 ? undefined : `POST /predict of it: got ${sampled?.status ?? "no answer"}`,
        "",
        sampled?.body.slice(0, 200),
    );
}

/** A process of a trainer, as the contract names it with its metrics. */
export type Process = "serving" | "status page" | "retraining";

/** The contract's metrics of a process that has just begun: retraining has an outcome only after its first run. */
export function metricsOf(process: Process): string[] {
    return Object.entries(metricNames.properties)
        .filter(([, { of }]) => of === process && process !== "retraining")
        .map(([name]) => name);
}

/** The contract's metrics that a process should have. One that is missing silences its alerts. */
function judgeMetrics(answer: Answer | undefined, process: Process): Verdict {
    if (answer?.status !== 200) {
        return missing("nothing can be measured: the alerts on it stay silent");
    }
    const wanted = metricsOf(process);
    const lacking = lackingMetrics(wanted, answer.body);
    return lacking.length === 0
        ? ok(`${wanted.length} of the contract's metrics`)
        : missing(`the alerts on ${lacking.join(", ")} stay silent`);
}

function judgeSecond({ second }: Answers): Verdict {
    return second?.status === 200 ? ok() : missing("the collector of metrics finds nothing on METRICS_PORT");
}

function judgeDrain({ ready }: Served): Verdict {
    const refused = ready.filter((status) => status === 503).length;
    return unless(
        refused > 0
            ? undefined
            : `after SIGTERM /ready gave ${[...new Set(ready)].join(", ") || "no answer"}; needs 503 for some seconds, so that the ` +
                  "gateway stops sending before requests are lost",
    );
}

function judgeOther(ended: Served["otherHash"]): Verdict {
    if (ended.code === undefined) {
        return wrong(
            `it serves a model whose hash is not MODEL_SHA256, ${seconds(ended.ms)} long`,
            ended.stderr,
        );
    }
    return unless(
        ended.code === BAD_MODEL ? undefined : `${endOf(ended)}; needs ${BAD_MODEL} (docs/serving.md)`,
        "",
        ended.stderr,
    );
}

/** @param process the name by which the contract knows the service's metrics */
export function serviceChecks(process: "status page" | "retraining"): Check<Service>[] {
    const graceMs = STOP_GRACE_SECONDS[process === "retraining" ? process : "status"] * 1000;
    return [
        {
            what: `${process}: /health`,
            section: SERVICES,
            judge: ({ health, ended }) =>
                health?.status === 200
                    ? ok()
                    : wrong(`GET /health: ${health?.status ?? endOf(ended)}`, ended.stderr),
        },
        {
            what: `${process}: /metrics`,
            section: SERVICES,
            optional: true,
            judge: ({ health, metrics }) =>
                health === undefined ? skipped("it takes no requests") : judgeMetrics(metrics, process),
        },
        {
            what: `${process}: ends at SIGTERM`,
            section: SERVICES,
            judge: ({ health, ended }) =>
                health === undefined ? skipped("it takes no requests") : judgeStop(ended, 0, graceMs),
        },
    ];
}
