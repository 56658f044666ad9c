"""The files of a run: reports for programs that read them later, and figures and predictions for people."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from kit.drift.reference import DRIFT_REFERENCE
from kit.judging.gate import metric_name
from kit.judging.importance import MOST_ROWS, Importance, permute
from kit.learning.fitting import transformed
from kit.plots.importance import feature_importance
from kit.plots.style import colours
from kit.plots.tuning import tuning_history
from kit.reports.heldout import write_predictions
from kit.training.learner import Learner
from kit.training.trained import Trained

IMPORTANCE_SEED = 0


def write_reports(trained: Trained, data: Any, learner: Learner, folder: Path) -> None:
    """Write quality.json, holdout.json and tuning.json."""
    figure = metric_name(learner.task.figure)
    history = [dict(zip(("trial", "classifier", figure), row, strict=True)) for row in trained.tuned.history]
    for name, content in (
        ("quality", data.quality),
        ("holdout", trained.split.describe(balance(trained, data, learner))),
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


def write_plots(trained: Trained, data: Any, learner: Learner, folder: Path) -> None:
    """Write the figures for people, as PNG: those of any model, and the trainer's own."""
    shades = colours(trained.classes, learner.colours)
    learner.task.draw(trained, balance(trained, data, learner), shades, learner.words, folder)
    if len(trained.tuned.history) > 1:
        task = learner.task
        tuning_history(trained.tuned.history, folder / "tuning.png", task.word, task.better)
    if (importance := importance_of(trained, data, learner)) is not None:
        (folder / "importance.json").write_text(json.dumps(importance.as_json(), indent=2) + "\n")
        feature_importance(importance, folder / "importance.png")
    learner.plots(trained, data, folder)


def importance_of(trained: Trained, data: Any, learner: Learner) -> Importance | None:
    """What the model relies on, by some of the held-out rows. None if there are too many features."""
    steps, count = trained.pipeline.steps, trained.feature_steps
    places = np.linspace(0, trained.targets.size - 1, min(trained.targets.size, MOST_ROWS)).astype(int)
    features = transformed(steps[:count], data.rows(trained.split.hold_out[places]))
    return permute(
        Pipeline(steps[count:]), features, trained.targets[places], trained.feature_names,
        learner.task.scoring, IMPORTANCE_SEED,
    )  # fmt: skip


def write_held_out(trained: Trained, folder: Path) -> None:
    """Write the held-out rows' true targets and predictions."""
    rows, predictions, classes = trained.split.hold_out, trained.predictions, trained.classes
    predicted = np.array(classes)[predictions.argmax(axis=1)] if classes else predictions[:, 0]
    write_predictions(
        folder, rows, trained.split.blocks[rows], trained.targets, predicted,
        predictions if classes else None, classes,
    )  # fmt: skip


def balance(trained: Trained, data: Any, learner: Learner) -> dict[str, Any]:
    """What is in the targets of both sides."""
    return learner.task.balance(data.targets(trained.split.train), trained.targets)
