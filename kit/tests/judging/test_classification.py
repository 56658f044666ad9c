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
        "precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "support": 1, "rocAuc": 0.9,
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
    assert metrics["roc_auc_anomaly"] == 0.9
    assert metrics["roc_auc"] == scores.roc_auc
    assert list(scores.as_result()) == [
        "macroF1", "weightedF1", "accuracy", "logLoss", "perClass", "rocAuc", "calibrationError", "brier",
    ]  # fmt: skip


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


def test_figures_of_the_probabilities():
    """Four of six answers are right, each with a probability of 0.8."""
    scores = classification.score(TRUE, probabilities(PREDICTED), CLASSES)
    assert scores.calibration_error == pytest.approx(0.8 - 4 / 6)
    right, wrong = (0.2**2 + 2 * 0.1**2) / 2, (0.8**2 + 0.9**2 + 0.1**2) / 2
    assert scores.brier == pytest.approx((4 * right + 2 * wrong) / 6)
    areas = [scores.per_class[name]["rocAuc"] for name in CLASSES]
    assert scores.roc_auc == pytest.approx(np.mean(areas))


def test_calibration_is_judged_in_each_bin():
    sure = np.repeat([0.95, 0.65], 100)
    right = np.arange(200) % 100 < np.repeat([95, 65], 100)
    assert classification.calibration_error(right, sure) == pytest.approx(0)
    # Too high and too low do not cancel out between bins.
    right = np.arange(200) % 100 < np.repeat([85, 75], 100)
    assert classification.calibration_error(right, sure) == pytest.approx(0.1)
    assert classification.bins_of(np.array([0.0, 0.1, 0.999, 1.0])).tolist() == [0, 1, 9, 9]


def test_a_class_that_the_hold_out_lacks_has_no_roc_auc():
    labels = np.where(TRUE == "anomaly", "normal", TRUE)
    scores = classification.score(labels, probabilities(PREDICTED), CLASSES)
    assert scores.roc_auc is None
    assert "rocAuc" not in scores.per_class["anomaly"]
    assert "rocAuc" not in scores.as_result()
    assert "roc_auc" not in scores.as_metrics()
    assert scores.per_class["boundary"]["rocAuc"] > 0.5


def test_probabilities_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"shape \(6, 2\); expected one row for each of 6 labels"):
        classification.score(TRUE, probabilities(PREDICTED)[:, :2], CLASSES)
