"""Stores the answers that a served model must give: held-out rows with the judged pipeline's answers."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from kit.contract.protocol import EXPECTATIONS as NAME
from kit.registry.kind import answer_of, predictor_of
from kit.training.learner import Learner
from kit.training.trained import Trained

EACH_GROUP = 4
# This keeps the file below some 250 kB. Longer rows are fewer, but there is at least one of each group.
MOST_VALUES = 20_000


def write_expectations(trained: Trained, data: Any, learner: Learner, folder: Path) -> None:
    """Write `expectations.json`. docs/trainer-contract.md says how answers are compared with it."""
    groups = learner.task.groups(trained.targets, trained.predictions)
    n_values = data.rows(trained.split.hold_out[:1]).shape[1]
    rows = trained.split.hold_out[choose(groups, n_values)]
    content = expectations(trained, learner, data.rows(rows)) if rows.size else {"requests": []}
    (folder / NAME).write_text(json.dumps(content, allow_nan=False, separators=(",", ":")) + "\n")


def choose(groups: list[np.ndarray], n_values: int) -> np.ndarray:
    """Choose up to four rows of each group, such as a class, evenly spread.

    Parameters
    ----------
    groups : ascending row numbers.
    n_values : the length of a row.

    Returns
    -------
    ascending row numbers
    """
    most = min(EACH_GROUP, max(1, MOST_VALUES // (n_values * max(1, len(groups)))))
    chosen = [np.array([], dtype=int)]
    for rows in groups:
        if rows.size:
            chosen.append(rows[np.unique(np.linspace(0, rows.size - 1, most).round().astype(int))])
    return np.sort(np.concatenate(chosen))


def expectations(trained: Trained, learner: Learner, rows: np.ndarray) -> dict[str, Any]:
    """Requests and their answers: the first row alone, then all rows together.

    Parameters
    ----------
    rows : (n, n_values) float32, at least one.
    """
    predictions = predictor_of(trained.pipeline)(rows)
    answers = [answer_of(trained.classes, outputs) for outputs in predictions.tolist()]
    written = [learner.rows.to_json(trained.pipeline, row) for row in rows]
    return {
        "requests": [
            {"path": "/predict", "body": {learner.rows.field: written[0]}, "answer": answers[0]},
            {
                "path": "/batch_predict",
                "body": {learner.rows.fields: written},
                "answer": {"predictions": answers},
            },
        ]
    }
