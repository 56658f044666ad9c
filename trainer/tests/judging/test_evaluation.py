import numpy as np
import pytest
from sklearn.metrics import f1_score

from seismic.judging import evaluation
from seismic.learning import classifiers

CLASSES = ("anomaly", "boundary", "normal")
TRUE = np.array(["normal", "normal", "normal", "anomaly", "boundary", "boundary"])
PREDICTED = np.array(["normal", "normal", "anomaly", "anomaly", "boundary", "normal"])


def probabilities(predicted, sure=0.8):
    return np.where(np.array(CLASSES) == predicted[:, None], sure, (1 - sure) / 2)


def test_figures_of_known_predictions():
    scores = evaluation.score(TRUE, probabilities(PREDICTED), CLASSES)
    assert scores.accuracy == pytest.approx(4 / 6)
    assert scores.confusion.tolist() == [[1, 0, 0], [0, 1, 1], [1, 0, 2]]
    assert scores.per_class["anomaly"] == {
        "precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "support": 1,
    }  # fmt: skip
    assert scores.macro_f1 == pytest.approx(2 / 3)
    assert scores.weighted_f1 == pytest.approx(f1_score(TRUE, PREDICTED, average="weighted"))
    assert scores.log_loss == pytest.approx(-(4 * np.log(0.8) + 2 * np.log(0.1)) / 6)


def test_figures_as_metrics_and_as_result():
    scores = evaluation.score(TRUE, probabilities(PREDICTED), CLASSES)
    metrics = scores.as_metrics()
    assert metrics["recall_boundary"] == 0.5
    assert metrics["accuracy"] == scores.accuracy
    assert metrics["f1"] == metrics["macro_f1"] == scores.macro_f1
    assert all(isinstance(value, float | int) for value in metrics.values())
    assert set(scores.as_result()) == {"macroF1", "weightedF1", "accuracy", "logLoss", "perClass"}


def test_another_class_than_those_judged_is_just_wrong():
    known = TRUE != "anomaly"
    predicted = np.array(["normal", "normal", "anomaly", "boundary", "normal"])
    scores = evaluation.score(TRUE[known], probabilities(predicted), CLASSES, ("boundary", "normal"))
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
        evaluation.score(TRUE, wrong, CLASSES)


def test_a_random_split_overstates_where_neighbours_are_alike():
    """Blocks with samples that do not depend on their class: a model can only copy a neighbour's answer."""
    generator = np.random.default_rng(0)
    blocks = np.repeat(np.arange(60), 30)
    labels = np.array(CLASSES)[generator.integers(0, 3, 60)][blocks]
    features = generator.normal(size=(60, 5))[blocks] + generator.normal(size=(1800, 5)) * 0.01
    parameters = {
        "classifier": classifiers.BOOSTING, "learning_rate": 0.3, "iterations": 40, "leaves": 31, "l2": 0.0,
    }  # fmt: skip
    claimed = evaluation.random_split_macro_f1(features, labels, parameters, seed=1)
    model = classifiers.make_classifier(parameters, 1).fit(features[blocks < 48], labels[blocks < 48])
    honest = f1_score(labels[blocks >= 48], model.predict(features[blocks >= 48]), average="macro")
    assert claimed > 0.95
    assert honest < 0.6


def test_the_random_split_depends_on_its_seed_only():
    generator = np.random.default_rng(0)
    features, labels = generator.normal(size=(300, 4)), np.array(CLASSES)[generator.integers(0, 3, 300)]
    parameters = {"classifier": classifiers.LOGISTIC, "class_weight": "none", "C": 1.0, "max_iter": 50}
    one, again, other = (
        evaluation.random_split_macro_f1(features, labels, parameters, seed) for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other
