"""`python -m stub.train`: one training run, from environment variables to one line of JSON."""

import datetime
import hashlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stub import contract, data, learning
from stub.contract import Failure, Variables, json_object
from stub.gate import Gate
from stub.learning import Trained
from stub.mlflow import Mlflow, Unreachable
from stub.model_files import ModelFiles, Unusable
from stub.registry import Registry, flat

LOCK = Path(__file__).parents[1] / "requirements.txt"
CLEAR, EACH_CLASS = 1e-3, 4
# The tags of run and version about their origin, and the variables with their values.
LINEAGE = {
    "environment": "ENVIRONMENT", "git_commit": "GIT_COMMIT", "git_dirty": "GIT_DIRTY", "image": "IMAGE",
    "mlflow.source.git.commit": "GIT_COMMIT", "release": "RELEASE_REF", "run_token": "RUN_TOKEN",
    "seed": "SEED", "trigger": "RUN_TRIGGER",
}  # fmt: skip


@dataclass(frozen=True)
class Learning:
    """The settings of learning."""

    folder: Path
    gate: Gate
    seed: int
    trials: int
    time_budget: float
    shrinkage: float | None
    lasts: float
    registers: bool

    @classmethod
    def read(cls, given: Variables) -> "Learning":
        """Read them. The caller checks `given`."""
        return cls(
            given.read("DATA_DIR", _folder, Path(given.text("DATA_DIR"))),
            given.read("GATE", Gate, Gate()),
            given.read("SEED", contract.whole(0), 7),
            given.read("TRIALS", contract.whole(1), 20),
            given.read("TIME_BUDGET", contract.seconds, 1800.0),
            given.read("HYPERPARAMETERS", _shrinkage, None),
            given.settings()["trainingSeconds"],
            given.read("REGISTER", contract.one_of("true", "false"), "true") == "true",
        )


def run(environment: Mapping[str, str], attempts: list[Registry]) -> dict[str, Any]:
    """Run once, and return the result. `attempts` gets the registry as soon as its run has to be ended."""
    given = Variables(environment)
    told = Learning.read(given)
    if not told.registers:
        given.check()
        return learn(told)[1]
    address, experiment = given.text("MLFLOW_TRACKING_URI"), given.text("MLFLOW_EXPERIMENT_NAME")
    name, token = given.text("MODEL_NAME"), given.text("RUN_TOKEN")
    tags = {tag: given.text(variable, "") for tag, variable in LINEAGE.items()}
    tags |= {"environment": given.text("ENVIRONMENT"), "seed": str(told.seed)}
    tags |= {"lock_sha256": hashlib.sha256(LOCK.read_bytes()).hexdigest()}
    champion = tuple(given.text(f"CHAMPION_{each}", "") for each in ("VERSION", "SHA256", "FILES_SHA256"))
    uncompared = given.read("GATE_UNCOMPARED", contract.one_of("floors", "refuse"), "floors")
    patience = given.read("MLFLOW_RETRY_SECONDS", contract.seconds, given.settings()["mlflowRetrySeconds"])
    asks_a_model = given.text("SUMMARY_URL", "") != ""
    given.check()

    mine = Registry(Mlflow(address, patience), experiment, name, token)
    attempts.append(mine)
    mine.start(f"{tags['environment']}-{tags['git_commit'][:7] or 'uncommitted'}", tags)
    trained, result = learn(told)
    judged = judge(told.gate, trained, mine, name, champion if champion[0] else mine.champion(), uncompared)
    published = mine.publish(
        trained,
        flat(judged["champion"]["metrics"], "champion_") if judged["champion"] else {},
        {**tags, "model_sha256": result["sha256"], "data_sha256": result["dataSha256"]},
        {
            "gate": _state(told.gate, judged),
            "gate_reasons": "\n".join(judged["reasons"]),
        },
        expectations(trained),
    )
    mine.end("FINISHED", _description(result, judged, published["version"], asks_a_model))
    created = datetime.datetime.fromtimestamp(published.pop("createdAt") / 1000, datetime.UTC)
    trained_at = created.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {**result, **published, "gate": judged, "trainedAt": trained_at}


def learn(told: Learning) -> tuple[Trained, dict[str, Any]]:
    """The model, and the part of the result about it."""
    contract.progress("reading", 0, 1, str(told.folder))
    rows, data_sha256 = data.read(told.folder)
    # Only the data has the names of the classes, so check them here.
    if unknown := told.gate.classes() - {label for label, _ in rows}:
        raise Failure(
            contract.DATA, f"GATE: classRecall of {', '.join(sorted(unknown))}; no class of the data"
        )
    if lacking := told.gate.lacking(learning.OVERALL, sorted({label for label, _ in rows})):
        raise Failure(contract.CONFIGURATION, f"GATE: {lacking}")
    contract.progress("reading", 1, 1, f"{len(rows)} rows")
    trained = learning.fit(rows, told.seed, told.trials, told.time_budget, told.shrinkage, told.lasts)
    return trained, {
        "sha256": trained.model.sha256(),
        "metrics": trained.metrics,
        "dataSha256": data_sha256,
        "tuning": trained.tuning,
        "registered": told.registers,
    }


def judge(
    gate: Gate,
    trained: Trained,
    mine: Registry,
    name: str,
    champion: tuple[str, ...] | None,
    uncompared: str,
) -> dict[str, Any]:
    """The `gate` of the result: floors, and the champion's figures on the same held-out rows."""
    theirs, note, lacking = None, "there is no champion yet", []
    number, sha256, files_sha256 = champion or ("", "", "")
    if not gate.bounds_regression():
        note = "the gate bounds no regression"
    elif champion and sha256 == trained.model.sha256():
        note = f"the candidate is the champion (version {number}) itself"
    elif champion:
        try:
            model = ModelFiles.of_version(mine.server, name, number).load(sha256, files_sha256)
            theirs, note = learning.figures(model, trained.held_out), ""
        except (Unusable, ValueError) as error:
            note = f"the champion (version {number}) cannot be scored: {error}"
            print(f"WARNING only the floors count: {note}", file=sys.stderr)
            if uncompared == "refuse":
                lacking = [f"{note}; bring it back, or allow it: gate.uncompared: floors"]
    reasons = lacking + gate.reasons(trained.metrics, theirs, number)
    named = None if theirs is None else {"version": number, "metrics": theirs}
    compared = {"compared": named is not None, "champion": named, "note": note}
    return {"passed": gate.warns or not reasons, "reasons": reasons, **compared}


def _state(gate: Gate, judged: Mapping[str, Any]) -> str:
    """The tag of a version and its run."""
    if gate.is_empty():
        return "none"
    return "refused" if not judged["passed"] else "warned" if judged["reasons"] else "passed"


def expectations(trained: Trained) -> dict[str, Any]:
    """Held-out rows with the model's answers. Rows that rounding could put into another class are
    left out.
    """
    rows: list[tuple[float, ...]] = []
    for each in trained.model.classes:
        of_it = [row for label, row in trained.held_out if label == each]
        rows += [row for row in of_it if _is_clear(trained.model.probabilities(row))][:EACH_CLASS]
    if not rows:
        return {"requests": []}
    answers = [trained.model.answer(row) for row in rows]
    return {
        "requests": [
            {"path": "/predict", "body": {"row": rows[0]}, "answer": answers[0]},
            {"path": "/batch_predict", "body": {"rows": rows}, "answer": {"predictions": answers}},
        ]
    }


def _is_clear(probabilities: Mapping[str, float]) -> bool:
    second, first = sorted(probabilities.values())[-2:]
    return first - second > CLEAR


def _description(result: Mapping, judged: Mapping, version: str, asks_a_model: bool) -> str:
    single = {name: value for name, value in result["metrics"].items() if name != "perClass"}
    numbers = ", ".join(f"{name} {value:.3f}" for name, value in single.items())
    reasons = "\n".join(f"- {reason}" for reason in judged["reasons"])
    says = reasons or judged["note"] or "Within the gate's bounds."
    asked = ["No summary: this trainer asks no language model."] if asks_a_model else []
    return "\n\n".join([*asked, f"**Version {version}**: {numbers}.", says])


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise ValueError("which is no folder")
    return Path(text)


def _shrinkage(text: str) -> float | None:
    given = json_object(text)
    shrinkage = given.pop("shrinkage", None)
    if given:
        raise ValueError(f"{', '.join(given)}: no parameter; allowed: shrinkage")
    if shrinkage is not None and not (isinstance(shrinkage, int | float) and 0 <= shrinkage <= 1):
        raise ValueError("shrinkage: expected a number from 0 to 1")
    return shrinkage


def main(environment: Mapping[str, str]) -> tuple[int, dict[str, Any] | None]:
    """Run once, and return the exit code and, if there is one, the result."""
    signal.signal(signal.SIGTERM, _terminate)
    attempts: list[Registry] = []
    try:
        return contract.OK, run(environment, attempts)
    except Failure as error:
        print(error, file=sys.stderr)
        _end(attempts, "FAILED" if error.code == contract.DATA else "KILLED", error)
        return error.code, None
    except Unreachable as error:
        print(f"MLFLOW_TRACKING_URI: no answer ({error}); see whether MLflow is up", file=sys.stderr)
        return contract.UNREACHABLE, None
    except Exception as error:
        traceback.print_exc()
        _end(attempts, "FAILED", error)
        return contract.DEFECT, None


def _terminate(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not interrupt the end
    raise Failure(contract.TERMINATED, "ended by SIGTERM")


def _end(attempts: list[Registry], status: str, error: BaseException) -> None:
    """End the run if MLflow answers within seconds. Nothing depends on it."""
    for attempt in attempts:
        attempt.server.patience = 2.0
        try:
            attempt.end(status, f"**Nothing was registered.**\n\n```\n{error}\n```")
        except Exception as problem:
            print(f"WARNING the run stays marked as running: {problem}", file=sys.stderr)


if __name__ == "__main__":
    exit_code, line = main(os.environ)
    if line is not None:
        print(json.dumps(line, allow_nan=False), flush=True)
    sys.exit(exit_code)
