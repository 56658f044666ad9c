"""The kind of a fitted pipeline: it predicts the probabilities of classes, or a value."""

from dataclasses import dataclass

import numpy as np
from sklearn.pipeline import Pipeline

CLASSIFICATION, REGRESSION = "classification", "regression"


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


def _texts(classes: object, last: str) -> tuple[str, ...]:
    """The classes. Answers and metrics name them, and a trainer's figures too, so they are texts."""
    labels = list(classes)
    if wrong := [label for label in labels if not isinstance(label, str)]:
        raise TypeError(
            f"ends with a {last} with the class {wrong[0]!r} of type {type(wrong[0]).__name__}; expected "
            "classes that are texts: fit it with str(label)"
        )
    return tuple(str(label) for label in labels)
