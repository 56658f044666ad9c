"""Explains one answer: how the output changes if a single feature has the training data's median instead.

docs/serving.md tells in plain words what such an explanation says, and what it does not say.
"""

from typing import Any

import numpy as np

from kit.server.errors import RequestError
from kit.serving.batching import check_predictions
from kit.serving.explaining.features import Unexplained, after_features, predicted
from kit.serving.model import ServedModel

# Features in an answer: those with the largest effects.
MOST_TOLD = 20


class Explainer:
    """Explains the answers of one model.

    It asks the model twice for a row: for its answer, and then for all rows with one replaced feature in one
    call. Neither call counts as a prediction, and drift does not see it, because an explained row has mostly
    been predicted before.
    """

    def __init__(self, model: ServedModel) -> None:
        sketches = {} if model.reference is None else model.reference.sketches
        self._model = model
        self._names = tuple(sketches)
        self._medians = np.array([sketch.median for sketch in sketches.values()])
        self._refusal = ""
        try:
            self._after_features = after_features(model)
        except Unexplained as reason:
            self._refusal = f"this model version cannot be explained: {reason}"

    def explain(self, row: np.ndarray) -> dict[str, Any]:
        """The answer for a row (1, n_values), the version, and the explanation, as JSON.

        Raises
        ------
        RequestError
            409 if this model cannot be explained, with the reason.
        BadPrediction
            if the model's answer is none.
        """
        if self._refusal:
            raise RequestError(409, "unexplained", "model", self._refusal)
        outputs, [features] = predicted(self._model, row)
        check_predictions(outputs, 1)
        [answer] = outputs.tolist()
        place, explained = self._model.task.explained(answer)
        return {
            **self._model.task.answer(answer),
            "version": self._model.version,
            "explanation": {
                **explained,
                "feature_count": len(self._names),
                "features": self._told(features[0], self._effects(features, place)),
            },
        }

    def _effects(self, features: np.ndarray, place: int) -> np.ndarray:
        """The effect of each of the features (1, n_features) on the output at this place, (n_features,).

        The effect is NaN if the output is not finite without the feature.
        """
        count = features.shape[1]
        rows = np.repeat(features, 1 + count, axis=0)
        each = np.arange(count)
        rows[1 + each, each] = self._medians
        outputs = self._after_features(rows)[:, place]
        with np.errstate(invalid="ignore"):
            effects = outputs[0] - outputs[1:]
        # The place of a row in a call may change its last digits, so equal rows could differ.
        effects[features[0] == self._medians] = 0.0
        return np.where(np.isfinite(effects), effects, np.nan)

    def _told(self, features: np.ndarray, effects: np.ndarray) -> list[dict[str, Any]]:
        """The features with the largest effects. Unknown effects are last, and equal ones keep their order.

        JSON has `null` for numbers that are not finite.
        """
        order = np.argsort(-np.abs(effects), kind="stable")[:MOST_TOLD]
        columns = [column[order].tolist() for column in (features, self._medians, effects)]
        keys = ("name", "value", "reference", "effect")
        names = [self._names[place] for place in order]
        return [dict(zip(keys, row, strict=True)) for row in zip(names, *columns, strict=True)]
