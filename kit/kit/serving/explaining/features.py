"""Parts a model in two: the steps that make the features it shows, and the steps that predict by them."""

import logging

import numpy as np
from sklearn.pipeline import Pipeline

from kit.serving.batching import rows_at_once
from kit.serving.model import ServedModel, probes
from kit.serving.probabilities import Probabilities, stepwise

log = logging.getLogger("serving")


class Unexplained(Exception):
    """No answer of this model can be explained. The message is the reason, with the model as "it"."""


def predicted(model: ServedModel, rows: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """The predictions (n, n_outputs) of rows (n, n_values), and a copy of all features that the model shows.

    If the model can be explained, these are one array (n, n_features).
    """
    shown: list[np.ndarray] = []
    # The model may change the features in place after the observer has seen them.
    outputs = model.probabilities(rows, observe=lambda features: shown.append(np.array(features)))
    return outputs, shown


def after_features(model: ServedModel) -> Probabilities:
    """What predicts by the features of the model's reference.

    Raises
    ------
    Unexplained
        if there is no reference, if there are too many features, or if they are not what the model shows.
    """
    if model.reference is None:
        raise Unexplained(
            "there are no medians of its training data: its run has no drift_reference.json, or serving "
            "could not read it when it started, or DRIFT is false"
        )
    count = len(model.reference.sketches)
    # A call that explains must not take longer than a call for a batch.
    if 1 + count > rows_at_once(count):
        raise Unexplained(
            f"it has {count} features, and each needs a row in one call of the model, which is too many"
        )
    try:
        found = _steps_after(model, count)
    except Exception as error:
        # After any error, the model itself predicts all the same.
        log.warning("answers of %s version %s cannot be explained: %s", model.name, model.version, error)
        raise Unexplained("one of its steps failed; the service's log has more") from error
    if found is None:
        raise Unexplained(f"no steps of its pipeline lead from the {count} features to its answers")
    return found


def _steps_after(model: ServedModel, count: int) -> Probabilities | None:
    """The steps after those that make the features, if both together do what the model does."""
    made = rows = probes(model)
    outputs, shown = predicted(model, rows)
    if [features.shape for features in shown] != [(len(rows), count)]:
        return None
    [features] = shown
    steps = model.pipeline.steps
    for place, (_, transformer) in enumerate(steps[:-1], 1):
        made = transformer.transform(made)
        if made.shape == features.shape and np.allclose(made, features, equal_nan=True):
            rest = stepwise(Pipeline(steps[place:]))
            return rest if np.allclose(rest(features.copy()), outputs) else None
    return None
