/** Judges what runs left in the registry. Pure. */
import { CHALLENGER, CHAMPION, EXPECTATIONS, REFUSED, versionTag } from "../../../contract/names";
import { short } from "../../../common/hashes";
import { ENVIRONMENT } from "../bench";
import { type Check, missing, ok, skipped, unless, type Verdict, wrong } from "../lines";
import { endsWith, judgeLine, printedOrVerdict, problemsBy } from "./endings";
import { readExpectations, REFERENCE, type Registered, TOKENS } from "./registering";

const REGISTERING = "Registering";
const OUT = "Training: what comes out";
const FIRST_VERSION = "1";
/** Tags that the check's variables give values for; a version that lacks one says less about itself. */
const TOLD = (["git_commit", "release", "image", "seed", "lock_sha256"] as const).map(versionTag);

export const REGISTERED_CHECKS: readonly Check<Registered>[] = [
    { what: "exit code 0", section: OUT, judge: ({ first }) => endsWith(first, 0, "after a success") },
    { what: "one line of JSON", section: OUT, judge: ({ first }) => judgeLine(first, "result") },
    { what: "a new version, as challenger", section: REGISTERING, judge: of(judgeNew) },
    { what: "the hash of the run without registering", section: "Determinism", judge: of(judgeHash) },
    { what: "filesSha256", section: OUT, optional: true, judge: of(judgeFiles) },
    {
        what: "needed tags of the version",
        section: REGISTERING,
        judge: of(({ version }) => judgeTags(version?.tags)),
    },
    { what: "needed tags of the run", section: REGISTERING, judge: of(({ run }) => judgeTags(run?.tags)) },
    { what: "tags about the source", section: REGISTERING, optional: true, judge: of(judgeTold) },
    { what: "the run is FINISHED", section: OUT, judge: of(judgeFinished) },
    { what: "aliases and stage", section: REGISTERING, judge: of(judgeAliases) },
    { what: "the experiment has the run's token", section: REGISTERING, judge: of(judgeFence) },
    { what: EXPECTATIONS, section: "What the served model must answer", judge: of(judgeExpectations) },
    {
        what: REFERENCE,
        section: "What the training data was like",
        optional: true,
        judge: of(({ reference }) => (reference === undefined ? missing("no drift is measured") : ok())),
    },
    { what: "a description", section: "The run's description", optional: true, judge: of(judgeDescription) },
    { what: "a second run reproduces it", section: REGISTERING, judge: of(judgeAgain) },
    { what: "the gate refuses by a bound", section: "The gate", optional: true, judge: of(judgeGate) },
    { what: "a later attempt ends it with 5", section: REGISTERING, judge: of(judgeFenced) },
];

/** A judgement that needs the first run's result. */
function of(judge: (seen: Result) => Verdict): (seen: Registered) => Verdict {
    return (seen) =>
        seen.result === undefined
            ? skipped("the run has no result")
            : judge({ ...seen, result: seen.result });
}

type Result = Registered & { readonly result: Readonly<Record<string, unknown>> };

function judgeNew({ result: { version, reproduced, alias } }: Result): Verdict {
    const is = `version ${String(version)}, reproduced ${String(reproduced)}, alias ${String(alias)}`;
    const isNew = version === FIRST_VERSION && reproduced === false && alias === CHALLENGER;
    return unless(
        isNew ? undefined : `${is}; an empty registry gets version 1, reproduced false, alias ${CHALLENGER}`,
        is,
    );
}

function judgeHash({ hash, result: { sha256 } }: Result): Verdict {
    return hash === undefined
        ? skipped("the run without registering has no result")
        : unless(
              hash === sha256
                  ? undefined
                  : `got ${short(String(sha256))}; without registering it was ${short(hash)}`,
          );
}

function judgeFiles({ result: { filesSha256 } }: Result): Verdict {
    return filesSha256 === undefined ? missing("serving opens files that nobody has checked") : ok();
}

/** The needed tags, each with a value of its form. */
function judgeTags(tags: Readonly<Record<string, string>> | undefined): Verdict {
    if (tags === undefined) {
        return wrong("MLflow does not have it");
    }
    const problems = problemsBy("versionTags", tags);
    const { environment, run_token } = tags;
    if (environment !== ENVIRONMENT) {
        problems.push(`environment: got ${environment}; ENVIRONMENT is ${ENVIRONMENT}`);
    }
    if (run_token !== TOKENS.first) {
        problems.push(`run_token: got ${run_token}; RUN_TOKEN is ${TOKENS.first}`);
    }
    return unless(problems.length === 0 ? undefined : problems.join("; "));
}

function judgeTold({ version }: Result): Verdict {
    const lacking = TOLD.filter((name) => version?.tags[name] === undefined);
    return lacking.length === 0
        ? ok(TOLD.join(", "))
        : missing(`${lacking.join(", ")}; nobody can tell them from the version`);
}

function judgeFinished({ run }: Result): Verdict {
    return unless(
        run?.status === "FINISHED"
            ? undefined
            : `its status is ${run?.status ?? "unknown: MLflow has no such run"}`,
    );
}

function judgeAliases({ challenger, champion, version, result }: Result): Verdict {
    if (champion !== undefined) {
        return wrong(`version ${champion} is ${CHAMPION}; only the deployment moves this alias`);
    }
    if (challenger !== result.version) {
        return wrong(
            `${CHALLENGER} is version ${challenger ?? "none"}; the result's version is ${String(result.version)}`,
        );
    }
    return unless(
        version?.stage === "None" ? undefined : `the stage is ${version?.stage}; only the deployment sets it`,
    );
}

function judgeFence({ fence }: Result): Verdict {
    return unless(
        fence === TOKENS.first
            ? undefined
            : `its tag run_token is ${fence ?? "missing"}; RUN_TOKEN is ${TOKENS.first}`,
    );
}

function judgeExpectations({ expectations }: Result): Verdict {
    if (expectations === undefined) {
        return missing(
            `the run has no artifact ${EXPECTATIONS}: no deployment could try the version before it serves`,
        );
    }
    const read = readExpectations(expectations);
    return "problem" in read
        ? wrong(read.problem, expectations.slice(0, 400))
        : ok(`${read.value.requests.length} requests`);
}

function judgeDescription({ run }: Result): Verdict {
    return run?.tags["mlflow.note.content"] === undefined
        ? missing("the run does not say what it did")
        : ok();
}

function judgeAgain({ again, result }: Result): Verdict {
    const printed = printedOrVerdict(again!, "after a success");
    if (!("value" in printed)) {
        return printed;
    }
    const { value } = printed;
    const differing = (["version", "runId", "sha256", "trainedAt"] as const).filter(
        (name) => value[name] !== result[name],
    );
    if (differing.length > 0) {
        return wrong(
            `${differing.join(", ")} differ; a reproduced model keeps those of its version`,
            again!.stdout,
        );
    }
    return unless(
        value.reproduced === true ? undefined : "reproduced is false",
        `version ${String(value.version)}`,
    );
}

function judgeGate({ gated, result }: Result): Verdict {
    if (gated === undefined) {
        return skipped("the result has no figure of one number");
    }
    const printed = printedOrVerdict(gated.ended, "also for a refused model");
    if (!("value" in printed)) {
        return printed;
    }
    const gate = (printed.value.gate ?? result.gate) as { passed: boolean; reasons: string[] } | undefined;
    if (gate === undefined) {
        return missing("the result has no gate: the bounds of a stack would have no effect");
    }
    const asked = `${gated.figure} of at least 1e300`;
    if (gate.passed || gate.reasons.length === 0) {
        return wrong(
            `asked for ${asked}, it has passed: ${gate.passed}, and ${gate.reasons.length} reasons`,
            gated.ended.stdout,
        );
    }
    const tag = gated.version?.tags.gate;
    return unless(
        tag === REFUSED ? undefined : `the version's tag gate is ${tag}; needs ${REFUSED}`,
        gate.reasons[0],
    );
}

function judgeFenced({ fenced }: Result): Verdict {
    if (fenced === undefined || !fenced.wasTaken) {
        return skipped("the run ended before another attempt could begin");
    }
    return endsWith(fenced.ended, 5, "when the experiment's run_token is another attempt's");
}
