"""The kind of a fitted pipeline: it predicts the probabilities of classes, or a value.

Training stores the answers that serving must give, so both predict and answer by what is here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

CLASSIFICATION, REGRESSION = "classification", "regression"
CLASS, PROBABILITIES, VALUE = "class", "probabilities", "value"


@dataclass(frozen=True)
class Kind:
    """What a pipeline predicts.

    Parameters
    ----------
    name : CLASSIFICATION or REGRESSION.
    classes : the classes in the order of the columns of `predict_proba`; none for a regression.
    """

    name: str
    classes: tuple[str, ...] = ()

    @property
    def output(self) -> np.dtype:
        """The type of what `predict` gives for (n, n_values) rows: (n,) labels or values."""
        return np.dtype(np.str_ if self.name == CLASSIFICATION else np.float64)


def kind_of(pipeline: object) -> Kind:
    """The kind of a fitted pipeline. A classifier has `predict_proba`, a regressor only `predict`.

    Raises
    ------
    TypeError
        for everything else, with what it is and what is needed.
    """
    if not isinstance(pipeline, Pipeline):
        raise TypeError(f"is a {type(pipeline).__name__}; expected a Pipeline of scikit-learn")
    last = type(pipeline.steps[-1][1]).__name__
    has_probabilities, has_classes = hasattr(pipeline, "predict_proba"), hasattr(pipeline, "classes_")
    if has_probabilities and has_classes:
        return Kind(CLASSIFICATION, _texts(pipeline.classes_, last))
    # The labels of such a classifier would pass for values.
    if has_probabilities or has_classes:
        lacks = "classes_" if has_probabilities else "predict_proba"
        raise TypeError(
            f"ends with a {last}, a classifier without {lacks}; expected one that has predict_proba and "
            "classes_, such as a CalibratedClassifierCV around it"
        )
    if not hasattr(pipeline, "predict"):
        raise TypeError(
            f"ends with a {last}, which predicts nothing; expected a classifier (predict_proba and classes_) "
            "or a regressor (predict)"
        )
    return Kind(REGRESSION)


def predictor_of(model: Any) -> Callable[[np.ndarray], np.ndarray]:
    """The function that predicts with a fitted pipeline, or with its last step, for rows (n, n_values).

    It gives float64: a classifier's probabilities (n, n_classes), a regressor's values as a column (n, 1).
    """
    if hasattr(model, "predict_proba"):
        return lambda rows: np.asarray(model.predict_proba(rows), np.float64)

    def values(rows: np.ndarray) -> np.ndarray:
        found = np.asarray(model.predict(rows), np.float64)
        return found.reshape(len(found), -1)

    return values


def answer_of(classes: Sequence[str], outputs: list[float]) -> dict[str, Any]:
    """One prediction as the fields of its JSON: the likeliest class and all probabilities, or the value.

    Parameters
    ----------
    classes : the classes in the order of the outputs; none for a regressor.

    Raises
    ------
    ValueError
        for another number of outputs.
    """
    if not classes:
        [value] = outputs
        return {VALUE: value}
    best = max(range(len(outputs)), key=outputs.__getitem__)
    return {CLASS: classes[best], PROBABILITIES: dict(zip(classes, outputs, strict=True))}


def outputs_in(classes: Sequence[str], answer: Mapping[str, Any]) -> list[float]:
    """The outputs that an answer was made of, in the order of the classes. See `answer_of`."""
    return [answer[PROBABILITIES][name] for name in classes] if classes else [answer[VALUE]]


def _texts(classes: object, last: str) -> tuple[str, ...]:
    """The classes. Answers and metrics name them, and a trainer's figures too, so they are texts."""
    labels = list(classes)
    if wrong := [label for label in labels if not isinstance(label, str)]:
        raise TypeError(
            f"ends with a {last} with the class {wrong[0]!r} of type {type(wrong[0]).__name__}; expected "
            "classes that are texts: fit it with str(label)"
        )
    return tuple(str(label) for label in labels)
