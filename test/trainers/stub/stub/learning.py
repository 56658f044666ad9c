"""Learning, without MLflow: the mean of each class, drawn towards the mean of all rows."""

import hashlib
import json
import math
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stub.contract import progress
from stub.data import Row, Rows

HELD_OUT = 4  # every fourth row, after shuffling
LEAST = 1e-12  # the least probability before its logarithm is taken


@dataclass(frozen=True)
class Model:
    """The learnt model: share and mean of each class, in the order of `classes`, and one variance
    a column.
    """

    classes: list[str]
    shares: list[float]
    means: list[list[float]]
    variances: list[float]

    @classmethod
    def loads(cls, content: bytes) -> "Model":
        """Read the text of `dumps`. Raises ValueError, TypeError or KeyError for any other text."""
        model = cls(**json.loads(content))
        if not model.classes or model.predict([0.0] * len(model.variances))[0] not in model.classes:
            raise ValueError("no model")
        return model

    def dumps(self) -> bytes:
        """As JSON. The same model always gives the same text."""
        return json.dumps(asdict(self), sort_keys=True).encode()

    def sha256(self) -> str:
        """The hash of the learnt model."""
        return hashlib.sha256(self.dumps()).hexdigest()

    def probabilities(self, row: Sequence[float]) -> dict[str, float]:
        """The probability of each class. Raises ValueError for a row of another width."""
        logits = [
            math.log(max(share, LEAST))
            - sum((x - at) ** 2 / (2 * v) for x, at, v in zip(row, mean, self.variances, strict=True))
            for share, mean in zip(self.shares, self.means, strict=True)
        ]
        powers = [math.exp(logit - max(logits)) for logit in logits]
        return dict(zip(self.classes, (power / sum(powers) for power in powers), strict=True))

    def predict(self, row: Sequence[float]) -> tuple[str, dict[str, float]]:
        """The likeliest class, and the probabilities."""
        probabilities = self.probabilities(row)
        return max(probabilities, key=probabilities.__getitem__), probabilities

    def answer(self, row: Sequence[float]) -> dict[str, Any]:
        """The API's answer for a row."""
        label, probabilities = self.predict(row)
        return {"class": label, "probabilities": probabilities}


@dataclass(frozen=True)
class Trained:
    """A model, the held-out rows, its figures on them, and the search."""

    model: Model
    held_out: Rows
    metrics: dict[str, Any]
    tuning: dict[str, Any]
    parameters: dict[str, Any]


def fit(rows: Rows, seed: int, trials: int, time_budget: float, fixed: float | None, lasts: float) -> Trained:
    """Fit a model. The result is deterministic unless the time budget ends the trials.

    Parameters
    ----------
    fixed : a shrinkage from 0 to 1 that is not searched. At 1, nothing is learnt.
    lasts : the least time in seconds.
    """
    rng = random.Random(seed)
    shuffled = rng.sample(rows, len(rows))
    held_out, known = shuffled[::HELD_OUT], [row for at, row in enumerate(shuffled) if at % HELD_OUT]
    candidates = [rng.uniform(0, 0.5) for _ in range(trials)] if fixed is None else [fixed]
    began, scored = time.monotonic(), []
    for shrinkage in candidates:
        if scored and time.monotonic() - began > time_budget:
            break
        model = _learn(known, shrinkage)
        scored.append((figures(model, known)["logLoss"], shrinkage, model))
        note = f"shrinkage {shrinkage:.3f}: log loss {scored[-1][0]:.3f}"
        progress("tuning", len(scored), len(candidates), note)
        # A test has asked for a slow trainer.
        time.sleep(lasts / len(candidates))
    _, shrinkage, model = min(scored, key=lambda it: it[:2])
    metrics = figures(model, held_out)
    progress("evaluation", 1, 1, f"macro F1 {metrics['macroF1']:.3f}")
    cut_short = len(scored) < len(candidates)
    tuning = {"trials": len(scored), "requested": len(candidates), "cutShort": cut_short}
    parameters = {"shrinkage": shrinkage, "seed": seed, "trials": trials, "rows": len(rows)}
    return Trained(model, held_out, metrics, tuning, parameters)


# The figures over all classes.
OVERALL = ("macroF1", "weightedF1", "accuracy", "logLoss")


def figures(model: Model, rows: Rows) -> dict[str, Any]:
    """A model's figures on rows. Raises ValueError if the rows have another width, or if it lacks a label."""
    labels = [label for label, _ in rows]
    if unknown := set(labels) - set(model.classes):
        raise ValueError(f"the model does not know {', '.join(sorted(unknown))}")
    answers = [model.predict(row) for _, row in rows]
    predicted = [label for label, _ in answers]
    hits = [label for label, said in zip(labels, predicted, strict=True) if label == said]
    per_class = {}
    for label in sorted(set(labels)):
        support, said, right = labels.count(label), predicted.count(label), hits.count(label)
        f1 = 2 * right / (support + said)
        per_class[label] = {
            "precision": right / said if said else 0.0,
            "recall": right / support,
            "f1": f1,
            "support": support,
        }
    surprise = [-math.log(max(odds[label], LEAST)) for label, (_, odds) in zip(labels, answers, strict=True)]
    return {
        "macroF1": sum(each["f1"] for each in per_class.values()) / len(per_class),
        "weightedF1": sum(each["f1"] * each["support"] for each in per_class.values()) / len(rows),
        "accuracy": len(hits) / len(rows),
        "logLoss": sum(surprise) / len(rows),
        "perClass": per_class,
    }


def _learn(rows: Rows, shrinkage: float) -> Model:
    everything = _mean([row for _, row in rows])
    classes = sorted({label for label, _ in rows})
    groups = [[row for label, row in rows if label == each] for each in classes]
    own = [_mean(group) for group in groups]
    errors = [
        [(x - at) ** 2 for x, at in zip(row, mean, strict=True)]
        for group, mean in zip(groups, own, strict=True)
        for row in group
    ]
    means = [
        [at + shrinkage * (every - at) for at, every in zip(mean, everything, strict=True)] for mean in own
    ]
    variances = [max(variance, LEAST) for variance in _mean(errors)]
    return Model(classes, [len(group) / len(rows) for group in groups], means, variances)


def _mean(rows: Sequence[Row | list[float]]) -> list[float]:
    return [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
