"""Writes a training run to MLflow: its run, its artifacts, and a registered version."""

import datetime
import hashlib
import json
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mlflow.entities.model_registry import ModelVersion

from kit.contract.protocol import progress
from kit.drift.reference import DRIFT_REFERENCE
from kit.judging.gate import Verdict, metric_name
from kit.plots import classification as plots
from kit.plots.style import colours
from kit.plots.tuning import tuning_history
from kit.registry import runs
from kit.registry.names import COMMIT, DATA_HASH_TAG, HASH_TAG, RELEASE, REPRODUCED, RUN_TOKEN, TRIGGER
from seismic.data.classes import CLASSES
from seismic.data.survey import Survey
from seismic.judging.section import COLOURS, draw_section
from seismic.learning import splits
from seismic.model_code import MODEL_CODE
from seismic.training.expectations import write_expectations
from seismic.training.fitting import Trained
from seismic.training.settings import Settings

log = logging.getLogger("train")

# A 2D line may have a million traces, but a picture only a thousand columns.
WIDEST_SECTION = 4000
SECTION_SAMPLES = 20_000_000


def run_tags(settings: Settings, survey: Survey | None = None) -> dict[str, str]:
    """The origin of a run and its version."""
    return {
        COMMIT: settings.git_commit,
        "git_dirty": str(settings.git_dirty).lower(),
        "mlflow.source.git.commit": settings.git_commit,
        RELEASE: settings.release_ref,
        "image": settings.image,
        "environment": settings.environment,
        "seed": str(settings.seed),
        "lock_sha256": hashlib.sha256(MODEL_CODE.lock.read_bytes()).hexdigest(),
        RUN_TOKEN: settings.run_token,
        TRIGGER: settings.run_trigger,
        DATA_HASH_TAG: survey.sha256 if survey else "",
    }


def publish(
    trained: Trained,
    survey: Survey,
    quality: Mapping[str, Any],
    verdict: Verdict,
    settings: Settings,
    mlflow_registry: runs.Registry,
) -> dict[str, Any]:
    """Log the run. Register the model, unless a version with its hash is registered already.

    The version becomes the challenger, whatever the gate's verdict is. The deployment makes it the champion.

    Returns
    -------
    the result line, see docs/trainer-contract.md

    Raises
    ------
    connection.Unreachable, contract.Superseded
    """
    tags = {**run_tags(settings, survey), HASH_TAG: trained.sha256, "quality": quality["verdict"]}
    progress("registering", 0, 3, "figures")
    mlflow_registry.log_figures(
        _parameters(trained, survey, settings),
        {
            **trained.scores.as_metrics(),
            "random_split_macro_f1": trained.random_split_macro_f1,
            "cross_validated_macro_f1": trained.tuned.score,
            **{metric_name(name): value for name, value in trained.own.items()},
            **verdict.as_metrics(),
        },
        {**tags, **verdict.as_tags(), "tuning_cut_short": str(trained.tuned.cut_short).lower()},
    )
    versions = mlflow_registry.versions
    version, files_sha256 = versions.find_reproduced(trained.sha256) or (None, "")
    reproduced = version is not None
    with tempfile.TemporaryDirectory() as folder:
        write_reports(trained, survey, quality, Path(folder))
        if not reproduced:
            # The same model has the same figures. They are with the run that registered it.
            write_figures(trained, survey, Path(folder))
            write_expectations(trained, survey, Path(folder))
            write_reference(trained, Path(folder))
        mlflow_registry.log_folder(Path(folder))
        if version is not None and (path := write_reference(trained, Path(folder))):
            mlflow_registry.complete(version.run_id, path)

    progress("registering", 1, 3, "model")
    if version is not None:
        mlflow_registry.check_fence()
        mlflow_registry.log_figures({}, {}, {REPRODUCED: str(version.version)})
        log.info("%s reproduces version %s: nothing new is registered", trained.sha256[:12], version.version)
    else:
        model = mlflow_registry.upload(trained.pipeline, survey.read(trained.split.hold_out[:1]))
        files_sha256 = mlflow_registry.files_sha256(model, trained.sha256)
        mlflow_registry.check_fence()
        version = versions.create(model, mlflow_registry.run_id, tags)
        log.info("%s is registered as version %s", trained.sha256[:12], version.version)
    progress("registering", 2, 3, "gate and alias")
    versions.tag(version, verdict.as_tags())
    alias = versions.challenge(version)
    mlflow_registry.end("FINISHED")
    progress("registering", 3, 3, f"version {version.version}")
    return {
        **trained.as_result(survey),
        **_registered(version, mlflow_registry),
        "filesSha256": files_sha256,
        "alias": alias,
        "reproduced": reproduced,
        "gate": verdict.as_result(),
    }


def write_reports(trained: Trained, survey: Survey, quality: Mapping[str, Any], folder: Path) -> None:
    """Write quality.json, holdout.json and tuning.json, for programs that read them later."""
    history = [
        dict(zip(("trial", "classifier", "macro_f1"), row, strict=True)) for row in trained.tuned.history
    ]
    for name, content in (
        ("quality", quality),
        ("holdout", trained.split.describe(survey.labels, CLASSES)),
        ("tuning", {"chosen": trained.tuned.parameters, "trials": history}),
    ):
        (folder / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")


def write_reference(trained: Trained, folder: Path) -> Path | None:
    """Write drift_reference.json, with which serving compares its requests.

    Return None if training gave none.
    """
    if trained.reference is None:
        return None
    path = folder / DRIFT_REFERENCE
    path.write_text(trained.reference.to_json())
    return path


def write_figures(trained: Trained, survey: Survey, folder: Path) -> None:
    """Write the figures for people, as PNG."""
    scores, description = trained.scores, trained.split.describe(survey.labels, CLASSES)
    shades = colours(CLASSES, COLOURS)
    plots.confusion(scores, folder / "confusion.png")
    plots.precision_recall(
        trained.labels, trained.probabilities, scores.classes, shades, folder / "precision_recall.png"
    )
    plots.class_balance(
        description["trained"], description["heldOut"], shades, folder / "classes.png", "traces"
    )
    if len(trained.tuned.history) > 1:
        tuning_history(trained.tuned.history, folder / "tuning.png")
    line = representative_line(survey, trained.split)
    traces = survey.read(line.rows)
    codes = survey.labels[line.rows]
    true = ["" if code < 0 else CLASSES[code] for code in codes]
    # A prediction for a trace that training leaves out has no meaning.
    predicted = np.full(line.rows.size, "", dtype="<U16")
    usable = survey.usable[line.rows]
    predicted[usable] = trained.pipeline.predict(traces[usable])
    draw_section(
        np.nan_to_num(traces, posinf=0, neginf=0), survey.interval_us, line.numbers, line.gaps, true,
        predicted.tolist(), shades, line.title,
        "crossline" if survey.geometry_kind == "3D" else "trace", folder / "section.png",
    )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """Held-out traces of one line from left to right.

    `rows` are their numbers in the survey, and `numbers` the numbers above them. `gaps` are the places in
    both without a neighbour to the left, because the traces between were training traces.
    """

    rows: np.ndarray
    numbers: np.ndarray
    gaps: np.ndarray
    title: str


def representative_line(survey: Survey, split: splits.Split) -> Line:
    """The held-out part of the inline or 2D line with the most even mix of held-out classes."""
    area = survey.geometry_kind == "3D"
    lines = survey.geometry["inline" if area else "file"]
    held = lines[split.hold_out]

    def evenness(line: int) -> tuple[int, int]:
        counts = np.bincount(survey.labels[split.hold_out[held == line]], minlength=len(CLASSES))
        return int(counts.min()), int((counts > 0).sum())

    line = max(np.unique(held).tolist(), key=evenness)
    whole = np.flatnonzero(lines == line)
    numbers = survey.geometry["crossline" if area else "trace"][whole] + (0 if area else 1)
    order = np.argsort(numbers, kind="stable")
    whole, numbers = whole[order], numbers[order]
    # Show all traces of the blocks. Labelled traces alone would look like neighbours.
    places = np.flatnonzero(np.isin(split.blocks[whole], split.blocks[split.hold_out]))
    places = places[: max(1, min(WIDEST_SECTION, SECTION_SAMPLES // survey.n_samples))]
    gaps = np.flatnonzero(np.diff(places) > 1) + 1
    title = f"Inline {line}" if area else survey.files[line].name
    return Line(whole[places], numbers[places], gaps, f"{title}, held out")


def _parameters(trained: Trained, survey: Survey, settings: Settings) -> dict[str, Any]:
    return {
        **trained.tuned.parameters,
        "seed": settings.seed,
        "trials": trained.tuned.requested,
        "fixed": json.dumps(dict(settings.hyperparameters), sort_keys=True),
        "block_size": trained.split.block_size,
        "traces": survey.n_traces,
        "samples": survey.n_samples,
        "interval_us": survey.interval_us,
        **settings.trainer_settings.given,
    }


def _registered(version: ModelVersion, mlflow_registry: runs.Registry) -> dict[str, str]:
    created = datetime.datetime.fromtimestamp(version.creation_timestamp / 1000, datetime.UTC)
    return {
        "version": str(version.version),
        "runId": version.run_id,
        "attemptRunId": mlflow_registry.run_id,
        "experimentId": mlflow_registry.experiment_id,
        "trainedAt": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
