"""The error of the difference between two models: exact differences, intervals, speed, and few blocks."""

import time

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from kit.judging import bootstrap, classification, differences, regression
from kit.judging.gate import figures_of

CLASSES = ("a", "b", "c")


def answers(generator, labels, skill, classes=CLASSES):
    """Probabilities whose column of the true class is higher by `skill` on average."""
    scores = generator.random((len(labels), len(classes)))
    scores[np.arange(len(labels)), [classes.index(name) for name in labels]] += skill
    return scores / scores.sum(axis=1, keepdims=True)


@pytest.fixture
def pair():
    generator = np.random.default_rng(1)
    labels = np.array(CLASSES)[generator.choice(3, 600, p=(0.6, 0.3, 0.1))]
    return labels, answers(generator, labels, 0.5), answers(generator, labels, 0.4)


@pytest.mark.parametrize("block", [None, np.arange(600) // 20, np.repeat(list("zyxwv"), 120)])
def test_a_difference_is_that_of_the_figures(pair, block):
    labels, candidate, champion = pair
    found = differences.of_classifiers(labels, candidate, champion, CLASSES, block, 7)
    ours, theirs = (
        figures_of(classification.score(labels, each, CLASSES).as_result()) for each in (candidate, champion)
    )
    assert set(found) == set(ours)
    for name, each in found.items():
        assert each.by == pytest.approx(ours[name] - theirs[name], abs=1e-9), name
        assert each.low <= each.by <= each.high
        assert each.low < each.high
    again = differences.of_classifiers(labels, candidate, champion, CLASSES, block, 7)
    assert again == found
    assert differences.of_classifiers(labels, candidate, champion, CLASSES, block, 8) != found


def test_a_difference_of_regressors_is_that_of_the_figures():
    generator = np.random.default_rng(1)
    true = generator.normal(1e6, 1, 500)
    candidate, champion = true + generator.normal(0, 1, 500), true + generator.normal(0.5, 2, 500)
    found = differences.of_regressors(true, candidate, champion, np.arange(500) // 10, 7)
    ours, theirs = (figures_of(regression.score(true, each).as_result()) for each in (candidate, champion))
    assert set(found) == set(ours) == {"rmse", "mae", "r2", "bias", "mape"}
    for name, each in found.items():
        assert each.by == pytest.approx(ours[name] - theirs[name], rel=1e-6), name
    assert found["rmse"].high < 0 < found["r2"].low


def test_the_draws_are_those_of_whole_blocks(pair):
    """Each draw's macro F1 and ROC-AUC are scikit-learn's for the rows of the drawn blocks."""
    labels, candidate, champion = pair
    block = np.arange(600) // 60
    found = differences.of_classifiers(labels, candidate, champion, CLASSES, block, 3)

    def figures(probabilities, rows):
        predicted = np.array(CLASSES)[probabilities.argmax(axis=1)]
        return {
            "macroF1": f1_score(labels[rows], predicted[rows], average="macro"),
            "rocAuc.c": roc_auc_score(labels[rows] == "c", probabilities[rows, 2]),
        }

    def both(each):
        return lambda rows: figures(each, rows)

    slow = bootstrap.of_rows(both(candidate), both(champion), block, 600, 3, bootstrap.DRAWS)
    assert found["macroF1"].low == pytest.approx(slow["macroF1"].low)
    assert found["macroF1"].high == pytest.approx(slow["macroF1"].high)
    fewer = bootstrap.of_rows(both(candidate), both(champion), block, 600, 3)
    assert found["rocAuc.c"].low == pytest.approx(fewer["rocAuc.c"].low)


def test_a_draw_has_as_many_blocks_as_there_are():
    drawn = bootstrap.weights(7, 1000, 1)
    assert drawn.shape == (1000, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert drawn.mean() == 1
    # A block is in 1 - (6/7)**7 of the draws.
    assert (drawn > 0).mean() == pytest.approx(0.66, abs=0.02)


def test_many_blocks_are_joined_with_their_neighbours():
    assert bootstrap.joined(np.array([5, 5, 9, 2]), 4).tolist() == [1, 1, 2, 0]
    assert bootstrap.joined(None, 6, most=3).tolist() == [0, 0, 1, 1, 2, 2]
    with pytest.raises(ValueError, match=r"shape \(3,\); expected one a row, for 4 rows"):
        bootstrap.joined(np.zeros(3), 4)


def test_neighbours_that_depend_on_each_other_widen_the_interval(pair):
    labels = np.repeat(pair[0][:60], 10)
    candidate, champion = (np.repeat(each[:60], 10, axis=0) for each in pair[1:])
    alone = differences.of_classifiers(labels, candidate, champion, CLASSES, None, 7)["accuracy"]
    blocked = differences.of_classifiers(labels, candidate, champion, CLASSES, np.arange(600) // 10, 7)
    assert blocked["accuracy"].high - blocked["accuracy"].low > 2 * (alone.high - alone.low)


def test_few_blocks_give_a_wider_interval_and_one_block_none(pair):
    labels, candidate, champion = pair
    assert bootstrap.expanded_tail(1000) == pytest.approx(0.05, abs=5e-4)
    assert bootstrap.expanded_tail(10) == pytest.approx(0.0266, abs=1e-3)
    assert bootstrap.expanded_tail(3) < 1e-3
    assert differences.of_classifiers(labels, candidate, champion, CLASSES, np.zeros(600), 7) == {}


def test_a_class_of_one_block_has_no_interval_of_its_own(pair):
    labels, candidate, champion = pair
    labels = np.where(np.arange(600) < 60, labels, np.where(labels == "c", "a", labels))
    found = differences.of_classifiers(labels, candidate, champion, CLASSES, np.arange(600) // 60, 7)
    assert not [name for name in found if name.endswith(".c")]
    assert {"macroF1", "recall.a", "rocAuc.b"} <= set(found)


def test_the_classes_of_the_hold_out_are_judged(pair):
    labels, candidate, champion = pair
    labels = np.where(labels == "c", "b", labels)
    found = differences.of_classifiers(labels, candidate, champion, CLASSES, None, 7)
    theirs, ours = (
        classification.score(labels, each, CLASSES, ("a", "b")).macro_f1 for each in (champion, candidate)
    )
    assert found["macroF1"].by == pytest.approx(ours - theirs)
    with pytest.raises(ValueError, match="classes without a column: a, b"):
        differences.of_classifiers(labels, candidate, champion, ("x", "y", "c"), None, 7)
    with pytest.raises(ValueError, match=r"the champion has probabilities of shape \(600, 2\)"):
        differences.of_classifiers(labels, candidate, champion[:, :2], CLASSES, None, 7)


def test_columns_of_another_model_are_put_in_order():
    found = differences.aligned(np.array([[0.7, 0.3]]), ("c", "a"), CLASSES)
    assert found.tolist() == [[0.3, 0, 0.7]]


@pytest.mark.parametrize("count", [3, 30])
def test_4000_rows_take_less_than_a_second(count):
    generator = np.random.default_rng(2)
    classes = tuple(f"c{number:02}" for number in range(count))
    labels = np.array(classes)[generator.integers(0, count, 4000)]
    one, other = answers(generator, labels, 0.3, classes), answers(generator, labels, 0.3, classes)
    began = time.process_time()
    differences.of_classifiers(labels, one, other, classes, None, 7)
    differences.of_regressors(one[:, 0], one[:, 1], other[:, 1], None, 7)
    # BLAS may use two processors.
    assert time.process_time() - began < 2
