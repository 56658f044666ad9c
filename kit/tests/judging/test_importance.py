import json

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from kit.judging import importance
from kit.judging.importance import OF_CLASSIFIER, OF_REGRESSOR, permute

FEATURES = np.random.default_rng(1).normal(size=(400, 4))
NAMES = ("a", "b", "c", "d")


def test_the_feature_that_decides_is_first():
    labels = np.where(FEATURES[:, 2] > 0, "yes", "no")
    model = LogisticRegression().fit(FEATURES, labels)
    found = permute(model, FEATURES, labels, NAMES, OF_CLASSIFIER, 7)
    told = found.as_json()
    assert json.loads(json.dumps(told)) == told
    assert (told["rows"], len(told["features"])) == (400, 4)
    first, second, *_ = told["features"]
    assert first["feature"] == "c"
    assert first["importance"] > 0.4 > 0.1 > abs(second["importance"])
    assert permute(model, FEATURES, labels, NAMES, OF_CLASSIFIER, 7) == found
    assert permute(model, FEATURES, labels, NAMES, OF_CLASSIFIER, 8) != found


def test_the_loss_of_a_regressor_has_the_unit_of_the_target():
    values = 100 * FEATURES[:, 1]
    found = permute(LinearRegression().fit(FEATURES, values), FEATURES, values, NAMES, OF_REGRESSOR, 7)
    name, mean, _ = found.features[0]
    # Shuffled values differ from the true ones by the root of two standard deviations.
    assert (name, mean) == ("b", pytest.approx(100 * 2**0.5, rel=0.1))


def test_rows_and_features_are_bounded(monkeypatch):
    values = FEATURES[:, 1]
    model = LinearRegression().fit(FEATURES, values)
    monkeypatch.setattr(importance, "MOST_PREDICTIONS", 21 * 150)
    assert permute(model, FEATURES, values, NAMES, OF_REGRESSOR, 7).rows == 150
    monkeypatch.setattr(importance, "MOST_PREDICTIONS", 21 * 99)
    assert permute(model, FEATURES, values, NAMES, OF_REGRESSOR, 7) is None
    with pytest.raises(ValueError, match=r"the shape \(400, 4\); expected \(400, 3\)"):
        permute(model, FEATURES, values, NAMES[:3], OF_REGRESSOR, 7)
