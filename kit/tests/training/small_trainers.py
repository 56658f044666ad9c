"""A small trainer of each kind, for tests of the training run."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from kit.learning.space import Range, Space
from kit.learning.splits import hold_out_rows
from kit.training.learner import Features, Learner, RowFormat
from kit.training.settings import Settings
from kit.training.tasks import CLASSIFICATION

SETTINGS = Settings(data_dir=Path(), trials=2, threads=1)
COUNT = 200


def from_json(_, rows):
    """The rows of lists of numbers."""
    return np.array(rows, np.float32)


def made(task=CLASSIFICATION, **changes):
    """A learner of 200 rows of 3 values, and its data. `changes` are of the learner."""
    rows = np.random.default_rng(0).normal(size=(COUNT, 3)).astype(np.float32)
    value = rows[:, 0].astype(np.float64) * 2 + 5
    targets = np.where(value > 5, "high", "low") if task is CLASSIFICATION else value
    data = SimpleNamespace(
        sha256="8" * 64, facts={"rows": COUNT}, quality={"verdict": "pass"},
        rows=lambda where: rows[where], targets=lambda where: targets[where],
        described=lambda: [f"- {COUNT} rows"], doubts=list,
    )  # fmt: skip
    given = {
        "task": task,
        "read": lambda: data,
        "split": lambda _: hold_out_rows(targets, 7),
        "features": features,
        "space": Space.of("linear", {"strength": Range(0.1, 10, 0, 100, log=True)}, {"strength": 1.0}),
        "steps": classifier if task is CLASSIFICATION else regressor,
        "rows": RowFormat("row", "rows", lambda _, row: row.tolist(), from_json),
    }
    return Learner(**given | changes), data


def features(data, split, rows, threads):
    """The rows themselves, scaled."""
    scaler = StandardScaler().fit(data.rows(split.train).astype(np.float64))
    return Features(
        [("features", scaler)], scaler.transform(data.rows(rows).astype(np.float64)), ("a", "b", "c")
    )


def classifier(parameters, seed):
    """Logistic regression."""
    return [("classifier", LogisticRegression(C=parameters["strength"], random_state=seed))]


def regressor(parameters, seed):
    """Ridge regression."""
    return [("regressor", Ridge(parameters["strength"], random_state=seed))]
