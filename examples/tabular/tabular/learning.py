"""Learning: tune, fit, and judge by held-out rows, without MLflow."""

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from tabular.contract import progress
from tabular.data import Table

HELD_OUT, FOLDS = 0.25, 3
WEAKEST, STRONGEST = -3, 2  # powers of ten of C, the inverse of the regularisation


@dataclass(frozen=True)
class Trained:
    """A fitted pipeline, the held-out rows and labels, its figures on them, the tuning and the parameters."""

    pipeline: Pipeline
    rows: pd.DataFrame
    labels: np.ndarray
    metrics: dict[str, Any]
    tuning: dict[str, Any]
    parameters: dict[str, Any]


def fit(table: Table, seed: int, trials: int, time_budget: float, fixed: float | None) -> Trained:
    """Tune and fit; a `fixed` C is not tuned. The result is deterministic unless the time budget ends the
    trials.

    Rows count as independent, so any row may be held out. docs/evaluation.md has a case where such a split
    overstates.
    """
    rows, held, labels, held_labels = train_test_split(
        table.rows, table.labels, test_size=HELD_OUT, stratify=table.labels, random_state=seed
    )
    drawn = 10 ** np.random.default_rng(seed).uniform(WEAKEST, STRONGEST, trials)
    candidates = drawn.tolist() if fixed is None else [fixed]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    scores: list[float] = []
    began = time.monotonic()
    with threadpool_limits(1):  # with several threads, BLAS sums in another order
        for c in candidates:
            if scores and time.monotonic() - began > time_budget:
                break
            scores.append(cross_val_score(_pipeline(c), rows, labels, cv=folds, scoring="f1_macro").mean())
            progress("tuning", len(scores), len(candidates), f"C {c:.3g}: macro F1 {scores[-1]:.3f}")
        best = candidates[int(np.argmax(scores))]
        pipeline = _pipeline(best).fit(rows, labels)
        metrics = figures(pipeline, held, held_labels)
    progress("evaluation", 1, 1, f"macro F1 {metrics['macroF1']:.3f}")
    tuning = {"trials": len(scores), "requested": len(candidates), "cutShort": len(scores) < len(candidates)}
    parameters = {"C": best, "seed": seed, "trials": trials, "rows": len(table.rows)}
    return Trained(pipeline, held, held_labels, metrics, tuning, parameters)


# The figures over all classes.
OVERALL = ("macroF1", "weightedF1", "accuracy", "logLoss")


def figures(model: Pipeline, rows: pd.DataFrame, labels: np.ndarray) -> dict[str, Any]:
    """A model's figures on held-out rows. Raises ValueError if its columns differ, or if it lacks a label."""
    probabilities = model.predict_proba(rows)
    predicted = model.classes_[probabilities.argmax(axis=1)]
    names = np.unique(labels).tolist()
    report = classification_report(labels, predicted, labels=names, output_dict=True, zero_division=0)
    return {
        "macroF1": report["macro avg"]["f1-score"],
        "weightedF1": report["weighted avg"]["f1-score"],
        "accuracy": float(np.mean(predicted == labels)),
        "logLoss": float(log_loss(labels, probabilities, labels=model.classes_)),
        "perClass": {
            name: {key.removesuffix("-score"): value for key, value in report[name].items()} for name in names
        },
    }


def model_sha256(pipeline: Pipeline) -> str:
    """The hash of the names and numbers that a pipeline predicts by. The bytes of its file may differ."""
    scaler, classifier = pipeline["scale"], pipeline["classifier"]
    names = [pipeline.feature_names_in_.tolist(), pipeline.classes_.tolist()]
    digest = hashlib.sha256(json.dumps(names).encode())
    for learnt in (scaler.mean_, scaler.scale_, classifier.coef_, classifier.intercept_):
        digest.update(np.ascontiguousarray(learnt, dtype="<f8").tobytes())
    return digest.hexdigest()


def predictions(pipeline: Pipeline, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The API's answers for rows."""
    classes = pipeline.classes_.tolist()
    return [
        {"class": classes[int(row.argmax())], "probabilities": dict(zip(classes, row.tolist(), strict=True))}
        for row in pipeline.predict_proba(rows)
    ]


def _pipeline(c: float) -> Pipeline:
    return Pipeline([("scale", StandardScaler()), ("classifier", LogisticRegression(C=c, max_iter=1000))])
