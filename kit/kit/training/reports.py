"""The files of a run: reports for programs that read them later, and figures for people."""

import json
from pathlib import Path
from typing import Any

from kit.drift.reference import DRIFT_REFERENCE
from kit.judging.gate import metric_name
from kit.plots.style import colours
from kit.plots.tuning import tuning_history
from kit.training.fitting import Trained
from kit.training.learner import Learner


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
    learner.plots(trained, data, folder)


def balance(trained: Trained, data: Any, learner: Learner) -> dict[str, Any]:
    """What is in the targets of both sides."""
    return learner.task.balance(data.targets(trained.split.train), trained.targets)
