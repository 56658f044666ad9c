import numpy as np
import pytest
from sklearn.metrics import f1_score

from kit.judging import classification

CLASSES = ("anomaly", "boundary", "normal")
TRUE = np.array(["normal", "normal", "normal", "anomaly", "boundary", "boundary"])
PREDICTED = np.array(["normal", "normal", "anomaly", "anomaly", "boundary", "normal"])


def probabilities(predicted, sure=0.8):
    return np.where(np.array(CLASSES) == predicted[:, None], sure, (1 - sure) / 2)


def test_figures_of_known_predictions():
    scores = classification.score(TRUE, probabilities(PREDICTED), CLASSES)
    assert scores.accuracy == pytest.approx(4 / 6)
    assert scores.confusion.tolist() == [[1, 0, 0], [0, 1, 1], [1, 0, 2]]
    assert scores.per_class["anomaly"] == {
        "precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "support": 1,
    }  # fmt: skip
    assert scores.macro_f1 == pytest.approx(2 / 3)
    assert scores.weighted_f1 == pytest.approx(f1_score(TRUE, PREDICTED, average="weighted"))
    assert scores.log_loss == pytest.approx(-(4 * np.log(0.8) + 2 * np.log(0.1)) / 6)


def test_figures_as_metrics_and_as_result():
    scores = classification.score(TRUE, probabilities(PREDICTED), CLASSES)
    metrics = scores.as_metrics()
    assert metrics["recall_boundary"] == 0.5
    assert metrics["accuracy"] == scores.accuracy
    assert metrics["f1"] == metrics["macro_f1"] == scores.macro_f1
    assert all(isinstance(value, float | int) for value in metrics.values())
    assert set(scores.as_result()) == {"macroF1", "weightedF1", "accuracy", "logLoss", "perClass"}


def test_another_class_than_those_judged_is_just_wrong():
    known = TRUE != "anomaly"
    predicted = np.array(["normal", "normal", "anomaly", "boundary", "normal"])
    scores = classification.score(TRUE[known], probabilities(predicted), CLASSES, ("boundary", "normal"))
    assert scores.accuracy == pytest.approx(3 / 5)
    assert {name: each["recall"] for name, each in scores.per_class.items()} == {
        "boundary": 0.5, "normal": pytest.approx(2 / 3),
    }  # fmt: skip
    assert scores.macro_f1 == pytest.approx((2 / 3 + 2 / 3) / 2)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_model_that_predicts_no_numbers_is_refused(bad):
    wrong = probabilities(PREDICTED)
    wrong[3, 1] = bad
    with pytest.raises(ValueError, match="not finite"):
        classification.score(TRUE, wrong, CLASSES)
