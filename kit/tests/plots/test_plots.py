"""Each plot is drawn, for few and for many classes or rows, and the colours of classes."""

import numpy as np
import pytest
from matplotlib.image import imread

from kit.judging import classification as judged
from kit.judging.importance import Importance
from kit.plots import classification, importance, regression, tuning
from kit.plots.style import PALETTE, colours

TRUE = np.cumsum(np.random.default_rng(1).normal(size=9000))
PREDICTED = TRUE + np.random.default_rng(2).normal(size=9000)


def is_drawn(path):
    """Whether a picture has more than a background."""
    picture = imread(path)
    return min(picture.shape[:2]) > 200 and (picture[..., :3] < 0.9).any(axis=2).mean() > 0.005


@pytest.mark.parametrize("count", [2, 30])
def test_plots_of_a_classifier(tmp_path, count):
    generator = np.random.default_rng(1)
    classes = tuple(f"class {number:02}" for number in range(count))
    # Nothing is of the last class.
    codes = generator.integers(0, max(count - 1, 2), 600)
    labels = np.array(classes)[codes]
    probabilities = generator.random((600, count))
    probabilities[np.arange(600), codes] += 0.5
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    scores, shades = judged.score(labels, probabilities, classes), colours(classes)
    classification.confusion(scores, tmp_path / "a.png")
    classification.precision_recall(labels, probabilities, classes, shades, tmp_path / "b.png")
    classification.reliability(labels, probabilities, scores, tmp_path / "c.png")
    counts = dict.fromkeys(classes, 5)
    classification.class_balance(counts, counts, shades, tmp_path / "d.png", "customers")
    assert all(is_drawn(tmp_path / f"{name}.png") for name in "abcd")


@pytest.mark.parametrize("rows", [1, 300, 9000])
def test_plots_of_a_regressor(tmp_path, rows):
    true, predicted = TRUE[:rows], PREDICTED[:rows]
    regression.predicted(true, predicted, tmp_path / "a.png", "kWh")
    regression.residuals(true, predicted, tmp_path / "b.png", "kWh")
    regression.residuals_in_order(true, predicted, np.arange(rows) // 50, tmp_path / "c.png", "kWh")
    regression.residuals_in_order(true, predicted, None, tmp_path / "d.png")
    assert all(is_drawn(tmp_path / f"{name}.png") for name in "abcd")


def test_plots_of_either(tmp_path):
    features = tuple((f"{'long name ' * 9}{number}", 1.0 - number / 30, 0.01) for number in range(30))
    importance.feature_importance(Importance("f1_macro", 100, 5, features), tmp_path / "a.png")
    history = [(number, f"kind {number % 7}", 1 / (number + 1)) for number in range(20)]
    tuning.tuning_history(history, tmp_path / "b.png", "RMSE", "lower")
    assert all(is_drawn(tmp_path / f"{name}.png") for name in "ab")


def test_given_colours_stay_and_no_two_classes_share_one():
    names = [f"class {number}" for number in range(200)]
    found = colours(names, {"class 3": PALETTE[0], "another": "#123456"})
    assert list(found) == names
    assert found["class 3"] == PALETTE[0]
    assert found["class 0"] == PALETTE[1]
    assert len(set(found.values())) > 190
    assert len(set(colours(names[:30]).values())) == 30
    assert list(colours(names[:4]).values()) == list(PALETTE[:4])
