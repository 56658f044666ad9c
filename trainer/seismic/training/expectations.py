"""Stores the answers that a served model must give: held-out traces with the judged pipeline's answers."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from kit.contract.protocol import EXPECTATIONS as NAME
from seismic.data.survey import Survey
from seismic.training.fitting import Trained

EACH_CLASS = 4
# This keeps the file below some 250 kB. Longer traces are fewer, but there is at least one of each class.
MOST_AMPLITUDES = 20_000
# Servers may round differently, so no rounding may change the class of a stored answer.
CLEAR = 1e-3


def write_expectations(trained: Trained, survey: Survey, folder: Path) -> None:
    """Write `expectations.json`. docs/trainer-contract.md says how answers are compared with it."""
    rows = trained.split.hold_out[choose(trained.labels, trained.probabilities, survey.n_samples)]
    content = expectations(trained.pipeline, survey.read(rows)) if rows.size else {"requests": []}
    (folder / NAME).write_text(json.dumps(content, allow_nan=False, separators=(",", ":")) + "\n")


def choose(labels: np.ndarray, probabilities: np.ndarray, samples: int) -> np.ndarray:
    """Choose up to four traces of each class, evenly spread among the traces with a clear answer.

    Parameters
    ----------
    labels : (n,) array of str, the true classes.
    probabilities : (n, classes) array.
    samples : the length of a trace.

    Returns
    -------
    ascending row numbers
    """
    second, best = np.sort(probabilities, axis=1)[:, -2:].T
    clear = best - second > CLEAR
    names = np.unique(labels)
    most = min(EACH_CLASS, max(1, MOST_AMPLITUDES // (samples * names.size)))
    chosen = [np.array([], dtype=int)]
    for name in names:
        rows = np.flatnonzero(clear & (labels == name))
        if rows.size:
            chosen.append(rows[np.unique(np.linspace(0, rows.size - 1, most).round().astype(int))])
    return np.sort(np.concatenate(chosen))


def expectations(pipeline: Any, traces: np.ndarray) -> dict[str, Any]:
    """Requests and their answers: the first trace alone, then all traces together.

    Parameters
    ----------
    traces : (n, n_samples) float32, at least one.
    """
    classes = pipeline.classes_.tolist()
    predictions = [
        {"class": classes[int(row.argmax())], "probabilities": dict(zip(classes, row.tolist(), strict=True))}
        for row in pipeline.predict_proba(traces)
    ]
    amplitudes = [[short(value) for value in trace] for trace in traces]
    return {
        "requests": [
            {"path": "/predict", "body": {"trace": amplitudes[0]}, "answer": predictions[0]},
            {
                "path": "/batch_predict",
                "body": {"traces": amplitudes},
                "answer": {"predictions": predictions},
            },
        ]
    }


def short(value: np.float32) -> float:
    """The double with the fewest digits that rounds to this float32."""
    brief = float(str(value))
    return brief if np.float32(brief) == value else float(value)
