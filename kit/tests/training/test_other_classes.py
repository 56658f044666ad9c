"""A champion of other classes than those of the labels, or of another kind."""

import numpy as np
import pytest

from kit.judging.classification import other_classes
from kit.training.comparison import NotScored, score
from kit.training.tasks import CLASSIFICATION, REGRESSION

CLASSES = ("normal", "anomaly", "boundary")
LABELS = np.array(["normal", "anomaly", "normal", "anomaly"])

KNOWN = [
    ("ab", "ab", ""),
    ("a", "abc", "the champion (version 3) does not know the classes b and c, so it cannot find them"),
    ("abc", "b", "the champion (version 3) knows the classes a and c, which nothing in the hold-out has"),
    ("abcd", "d", "the champion (version 3) knows the classes a, b and c, which nothing in the hold-out has"),
    (["pepper"], ["salt"], "the champion (version 3) does not know the class salt, so it cannot find it, "
     "and knows the class pepper, which nothing in the hold-out has"),
]  # fmt: skip


@pytest.mark.parametrize(("known", "labelled", "told"), KNOWN)
def test_other_classes_than_those_of_the_labels_are_told(known, labelled, told):
    assert other_classes("3", known, labelled) == told


def test_columns_are_ordered_and_a_class_that_it_does_not_know_is_never_found():
    # The order is the model's own: after sorting, the first column is anomaly.
    probabilities = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]])
    scores = score(CLASSIFICATION, LABELS, probabilities, CLASSES)
    assert scores.classes == ("anomaly", "normal")
    assert scores.per_class["anomaly"]["recall"] == 0.5
    assert scores.log_loss == pytest.approx(-(3 * np.log(0.8) + np.log(0.1)) / 4)
    two = probabilities[:, [0, 2]]
    scores = score(CLASSIFICATION, LABELS, two / two.sum(axis=1, keepdims=True), ("normal", "boundary"))
    assert scores.classes == ("anomaly", "normal")
    assert scores.per_class["anomaly"].items() >= {"precision": 0, "recall": 0, "f1": 0, "support": 2}.items()
    assert scores.macro_f1 == pytest.approx(scores.per_class["normal"]["f1"] / 2)
    assert scores.roc_auc == pytest.approx((0.5 + scores.per_class["normal"]["rocAuc"]) / 2)
    # scikit-learn takes the smallest step of a float for 0.
    missed = -2 * np.log(np.finfo(float).eps)
    assert scores.log_loss == pytest.approx((missed - 2 * np.log(0.8 / 0.9)) / 4, rel=0.02)


def test_a_model_of_another_kind_is_told():
    values = np.array([[1.0], [2.0]])
    assert score(REGRESSION, np.array([1.0, 4.0]), values, ()).mae == 1
    with pytest.raises(NotScored, match=r"^it is a classifier, and the candidate is not$"):
        score(REGRESSION, np.array([1.0, 4.0]), np.eye(2), ("a", "b"))
    with pytest.raises(NotScored, match=r"^it is a regressor, and the candidate is not$"):
        score(CLASSIFICATION, LABELS, np.ones((4, 1)), ())
