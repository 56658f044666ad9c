import numpy as np
import pytest

from kit.judging.gate import figures_of
from kit.judging.regression import score

TRUE, PREDICTED = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 2.0, 5.0, 4.0])


def test_figures_of_known_predictions():
    scores = score(TRUE, PREDICTED)
    assert scores.as_result() == {
        "rmse": pytest.approx((5 / 4) ** 0.5), "mae": 0.75, "r2": pytest.approx(0.0), "bias": 0.75,
        "mape": pytest.approx((1 + 2 / 3) / 4), "support": 4,
    }  # fmt: skip
    assert scores.as_metrics() == scores.as_result()
    assert set(figures_of(scores.as_result())) == {"rmse", "mae", "r2", "bias", "mape"}


def test_figures_without_meaning_are_left_out():
    assert "mape" not in score(np.array([0.0, 2.0]), np.array([1.0, 2.0])).as_result()
    assert "mape" not in score(np.array([-0.001, 2.0]), np.array([1.0, 2.0])).as_result()
    assert "r2" not in score(np.array([2.0, 2.0]), np.array([1.0, 2.0])).as_result()
    assert "r2" not in score(np.array([2]), np.array([1])).as_result()


@pytest.mark.parametrize(
    ("true", "predicted", "says"),
    [
        ([1, 2], [1, np.nan], "the predicted values are not finite in 1 of 2 rows"),
        ([1, np.inf], [1, 2], "the targets are not finite in 1 of 2 rows"),
        ([1, 2], [1, 2, 3], "the model predicts 3 values for 2 rows"),
        ([1, 2], [[1], [2]], r"the predicted values have the shape \(2, 1\)"),
        ([], [], r"the targets have the shape \(0,\)"),
        ([1, 2], ["1", "2"], "the predicted values are of the type <U1"),
    ],
)
def test_what_cannot_be_judged_is_told(true, predicted, says):
    with pytest.raises(ValueError, match=says):
        score(np.array(true), np.array(predicted))
