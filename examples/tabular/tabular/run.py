"""The steps of a run: learn, judge, register, and give the result."""

import datetime
import hashlib
import logging
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, DirectoryPath, Field, InstanceOf, Json

from kit.contract.variables import json_object
from kit.judging.bounds import Gate
from kit.judging.gate import Champion, Verdict, figures_of
from kit.judging.gate import judge as judge_by
from kit.judging.names import OF_CLASSES
from tabular import contract, data, learning, registry
from tabular.contract import Failure
from tabular.learning import Trained
from tabular.model_files import ModelFiles
from tabular.registry import Registry

log = logging.getLogger("train")
CLEAR, EACH_CLASS = 1e-3, 4


def _gate(text: str) -> Gate | None:
    return Gate.parse(json_object(text, '{"floors": {"macroF1": 0.7}}'))


class Fixed(BaseModel, extra="forbid"):
    """The variable HYPERPARAMETERS. Its values are not tuned."""

    C: Annotated[float, Field(gt=0, le=1e6, strict=True)] | None = None


class LearningSettings(contract.Settings):
    """The settings of learning."""

    data_dir: DirectoryPath
    gate: Annotated[InstanceOf[Gate] | None, BeforeValidator(_gate)] = None
    gate_uncompared: Literal["refuse", "floors"] = "floors"
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 7
    trials: Annotated[int, Field(ge=1, le=10_000)] = 20
    time_budget: contract.Seconds = 1800.0
    hyperparameters: Json[Fixed] = Fixed()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    register_: contract.Boolean = Field("true", alias="register")


class Settings(LearningSettings):
    """The settings of a run that registers."""

    mlflow_tracking_uri: contract.Address
    mlflow_experiment_name: str
    model_name: Annotated[str, Field(pattern=r"^[\w.\- ]+$")]
    environment: str
    run_token: str
    champion_version: str = ""
    champion_sha256: str = ""
    champion_files_sha256: str = ""
    mlflow_retry_seconds: contract.Seconds = 60.0
    release_ref: str = ""
    git_commit: str = ""
    git_dirty: contract.Boolean = "false"
    image: str = ""
    run_trigger: str = ""
    summary_url: contract.Address | None = None


def run(environment: Mapping[str, str], attempts: list[Registry]) -> dict[str, Any]:
    """Run once, and return the result. `attempts` gets the registry as soon as its run has to be ended."""
    if environment.get("REGISTER") == "false":
        return learn(LearningSettings.read(environment))[1]
    settings = Settings.read(environment)
    client = registry.connect(settings.mlflow_tracking_uri, settings.mlflow_retry_seconds)
    mine = Registry(client, settings.mlflow_experiment_name, settings.model_name, settings.run_token)
    attempts.append(mine)
    tags = {
        "environment": settings.environment,
        "git_commit": settings.git_commit,
        "git_dirty": settings.git_dirty,
        "image": settings.image,
        "lock_sha256": hashlib.sha256(registry.LOCK.read_bytes()).hexdigest(),
        "mlflow.source.git.commit": settings.git_commit,
        "release": settings.release_ref,
        "run_token": settings.run_token,
        "seed": str(settings.seed),
        "trigger": settings.run_trigger,
    }
    tags = {name: text for name, text in tags.items() if text}
    mine.start(f"{settings.environment}-{settings.git_commit[:7] or 'uncommitted'}", tags)
    trained, result = learn(settings)
    verdict = judge(settings, trained, result["sha256"], mine)
    judged = verdict.as_result()
    tags |= {"model_sha256": result["sha256"], "data_sha256": result["dataSha256"]}
    version, files_sha256, alias, is_reproduced = mine.publish(
        trained,
        registry.flat(judged["champion"]["metrics"], "champion_") if judged["champion"] else {},
        tags,
        verdict.as_tags(),
        expectations(trained),
    )
    mine.end("FINISHED", _description(settings, result, judged, str(version.version)))
    contract.progress("registering", 2, 2, alias)
    created = datetime.datetime.fromtimestamp(version.creation_timestamp / 1000, datetime.UTC)
    return {
        **result, "version": str(version.version), "runId": version.run_id, "attemptRunId": mine.run_id,
        "filesSha256": files_sha256,
        "experimentId": mine.experiment_id, "alias": alias, "reproduced": is_reproduced, "gate": judged,
        "trainedAt": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }  # fmt: skip


def learn(settings: LearningSettings) -> tuple[Trained, dict[str, Any]]:
    """The fitted model, and the part of the result about it."""
    log.setLevel(settings.log_level)
    contract.progress("reading", 0, 1, str(settings.data_dir))
    table = data.read(settings.data_dir)
    classes = sorted(set(table.labels.tolist()))
    check_names(settings.gate, classes)
    contract.progress("reading", 1, 1, f"{len(table.rows)} rows x {table.rows.shape[1]} columns")
    fixed = settings.hyperparameters.C
    trained = learning.fit(table, settings.seed, settings.trials, settings.time_budget, fixed)
    log.info("macro F1 %.3f on held-out rows", trained.metrics["macroF1"])
    return trained, {
        "sha256": learning.model_sha256(trained.pipeline),
        "metrics": trained.metrics,
        "dataSha256": table.sha256,
        "tuning": trained.tuning,
        "registered": settings.register_ == "true",
    }


def check_names(gate: Gate | None, classes: list[str]) -> None:
    """Raise Failure if a gate names what the data lacks. Only the data has the names of the classes."""
    if gate is None:
        return
    if unknown := ", ".join(sorted(set(gate.class_floors) - set(classes))):
        raise Failure(contract.DATA, f"GATE: classRecall of {unknown}; the data has {', '.join(classes)}")
    names = [*learning.OVERALL, *(f"{name}.{label}" for name in OF_CLASSES for label in classes)]
    if lacking := gate.lacking(names, names):
        raise Failure(contract.CONFIGURATION, f"GATE: {'; '.join(lacking)}")


def judge(settings: Settings, trained: Trained, sha256: str, mine: Registry) -> Verdict:
    """The gate's verdict, by bounds and by the champion's figures on the same held-out rows."""
    theirs, number, note, lacking = None, "", "there is no champion yet", []
    served = (settings.champion_version, settings.champion_sha256, settings.champion_files_sha256)
    if settings.gate is None or not settings.gate.regression:
        note = "the gate bounds no regression"
    elif champion := served if settings.champion_version else mine.champion():
        number, its_sha256, _ = champion
        if its_sha256 == sha256:
            note = f"the candidate is the champion (version {number}) itself"
        else:
            theirs, note = _champions(settings.model_name, champion, trained)
            if theirs is None and settings.gate_uncompared == "refuse":
                lacking = [f"{note}; bring it back, or allow it: gate.uncompared: floors"]
    named = None if theirs is None else Champion(number, figures_of(theirs), theirs)
    return judge_by(settings.gate, figures_of(trained.metrics), named, note, lacking)


def _champions(
    name: str, champion: tuple[str, str, str], trained: Trained
) -> tuple[dict[str, Any] | None, str]:
    """The champion's figures, or the reason why there are none: lost files, or a model of another table."""
    number, sha256, files_sha256 = champion
    try:
        model = ModelFiles.fetch(f"models:/{name}/{number}").load(sha256, files_sha256)
        return learning.figures(model, trained.rows, trained.labels), ""
    except Exception as error:
        if registry.is_unreachable(error):
            raise
        note = f"the champion (version {number}) cannot be scored: {' '.join(str(error).split())[:300]}"
        log.warning("only the floors count: %s", note)
        return None, note


def expectations(trained: Trained) -> dict[str, Any]:
    """Held-out rows with the model's answers. Rows that rounding could put into another class are left out.
    """
    ordered = trained.pipeline.predict_proba(trained.rows)
    ordered.sort(axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > CLEAR
    rows = trained.rows[clear].groupby(trained.labels[clear]).head(EACH_CLASS)
    if rows.empty:
        return {"requests": []}
    bodies, answers = rows.to_dict("records"), learning.predictions(trained.pipeline, rows)
    return {
        "requests": [
            {"path": "/predict", "body": {"row": bodies[0]}, "answer": answers[0]},
            {"path": "/batch_predict", "body": {"rows": bodies}, "answer": {"predictions": answers}},
        ]
    }


def _description(settings: Settings, result: Mapping, judged: Mapping, version: str) -> str:
    single = {name: value for name, value in result["metrics"].items() if name != "perClass"}
    numbers = ", ".join(f"{name} {value:.3f}" for name, value in single.items())
    asked = ["No summary: this trainer asks no language model."] if settings.summary_url else []
    reasons = "\n".join(f"- {reason}" for reason in judged["reasons"])
    says = reasons or judged["note"] or "Within the gate's bounds."
    return "\n\n".join([*asked, f"**Version {version}**: {numbers}.", says])
