"""Each feature's effect on one answer, as the service tells it, and by hand from the estimator."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from kit.server.testing import ask
from kit.serving.explaining.explainer import MOST_TOLD

from .customers import COLUMNS, customer
from .explained import CLASSIFIER, REGRESSOR, ROW, ROWS, VALUES, explain, explained, fitted, middle, refusal


def test_a_regressors_effects_are_its_coefficients_times_the_distance_from_the_median():
    scaled = REGRESSOR[0].transform(ROWS)
    row = REGRESSOR[0].transform(np.array([ROW], np.float32))[0]
    medians = [middle(column) for column in scaled.T]

    told = explain(explained(REGRESSOR))

    assert told["value"] == pytest.approx(REGRESSOR.predict([ROW])[0])
    assert told["version"] == "4"
    explanation = told["explanation"]
    assert (explanation["output"], explanation["feature_count"]) == ("value", 2)
    assert explanation["features"] == [
        {
            "name": name,
            "value": pytest.approx(row[at]),
            "reference": pytest.approx(medians[at], abs=1e-12),
            "effect": pytest.approx(REGRESSOR[1].coef_[at] * (row[at] - medians[at])),
        }
        for at, name in enumerate(COLUMNS)
    ]


@pytest.mark.parametrize("row", [ROW, [0.5, 3.0]], ids=["leaves", "stays"])
def test_a_classifiers_effects_are_on_the_probability_of_the_class_that_it_answers(row):
    estimator = CLASSIFIER[1]
    features = CLASSIFIER[0].transform(np.array([row], np.float32))[0]
    medians = [middle(column) for column in CLASSIFIER[0].transform(ROWS).T]

    def leaves_not(values):
        return 1 / (1 + np.exp(values @ estimator.coef_[0] + estimator.intercept_[0]))

    effects = {
        name: leaves_not(features) - leaves_not(np.where(np.arange(2) == at, medians, features))
        for at, name in enumerate(COLUMNS)
    }
    sign = 1 if CLASSIFIER.predict([row])[0] == "leaves" else -1

    told = explain(explained(CLASSIFIER), row)
    predicted = ask(explained(CLASSIFIER), "POST", "/predict", json={"customer": customer(row)}).json()

    assert {name: told[name] for name in predicted} == predicted
    explanation = told["explanation"]
    assert (explanation["output"], explanation["class"]) == ("probability", predicted["class"])
    found = {each["name"]: each["effect"] for each in explanation["features"]}
    # `classes_` has "leaves" first, so the linear score is the one of "stays".
    assert found == {name: pytest.approx(sign * effect, rel=1e-4) for name, effect in effects.items()}
    sizes = [abs(each["effect"]) for each in explanation["features"]]
    assert sizes == sorted(sizes, reverse=True)


def test_a_feature_that_is_as_in_the_reference_has_no_effect():
    rows = np.column_stack([ROWS[:, 0], np.full(400, 2.0)]).astype(np.float32)
    service = explained(fitted(LinearRegression(), VALUES, FunctionTransformer()), rows)

    first, second = explain(service, [5.0, 2.0])["explanation"]["features"]
    assert first["effect"] > 0
    assert second == {"name": "income", "value": 2.0, "reference": 2.0, "effect": 0.0}
    # A constant feature has a median too, and another value counts.
    assert explain(service, [5.0, 1.0])["explanation"]["features"][1]["effect"] == pytest.approx(1)


class Counted:
    """A regressor that keeps the shapes of its calls, and predicts by a function."""

    def __init__(self, predict=lambda features: features.sum(axis=1)):
        self.calls = []
        self._predict = predict

    def fit(self, features, targets):
        return self

    def predict(self, features):
        self.calls.append(features.shape)
        return self._predict(features)


def test_rounding_by_a_rows_place_in_the_call_is_no_effect():
    last = Counted(lambda features: features[:, 0] + 1e-12 * np.arange(len(features)))
    rows = np.column_stack([ROWS[:, 0], np.full(400, 2.0)]).astype(np.float32)

    told = explain(explained(fitted(last, VALUES, FunctionTransformer()), rows), [5.0, 2.0])

    assert told["explanation"]["features"][1]["effect"] == 0.0


def widened(width, last):
    """A model of as many features, all of them copies of the two columns."""
    pipeline = fitted(last, VALUES, FunctionTransformer(lambda rows: np.resize(rows.T, (width, len(rows))).T))
    return explained(pipeline, names=[f"f{at}" for at in range(width)])


def test_all_replaced_rows_are_one_call_and_the_largest_effects_are_told():
    weights = np.arange(50) % 7
    last = Counted(lambda features: features @ weights)
    service = widened(50, last)
    last.calls.clear()

    explanation = explain(service)["explanation"]

    assert last.calls == [(1, 50), (51, 50)]
    assert explanation["feature_count"] == 50
    told = explanation["features"]
    assert len(told) == MOST_TOLD
    distance = np.resize(np.array(ROW) - [middle(column) for column in ROWS.T], 50)
    effects = weights * distance
    order = np.argsort(-np.abs(effects), kind="stable")[:MOST_TOLD]
    assert [each["name"] for each in told] == [f"f{at}" for at in order]
    assert [each["effect"] for each in told] == pytest.approx(effects[order])


@pytest.mark.parametrize(("width", "explains"), [(511, True), (512, False)])
def test_a_model_of_more_features_than_a_call_has_rows_is_refused(width, explains):
    last = Counted()
    service = widened(width, last)
    if explains:
        assert explain(service)["explanation"]["feature_count"] == width
        assert last.calls[-1] == (512, width)
    else:
        assert refusal(service).startswith("it has 512 features, and each needs a row in one call")
        assert max(rows for rows, _ in last.calls) <= 2


def test_a_missing_value_is_null_and_has_an_effect():
    roots = FunctionTransformer(lambda rows: np.sqrt(rows, where=rows >= 0, out=np.full_like(rows, np.nan)))
    pipeline = fitted(HistGradientBoostingRegressor(max_iter=20), VALUES, roots)
    service = explained(pipeline)
    missing = explain(service, [-1.0, 0.25])
    [feature] = [each for each in missing["explanation"]["features"] if each["name"] == "age"]

    assert feature["value"] is None
    filled = pipeline[1].predict([[middle(np.sqrt(ROWS[:, 0])), 0.5]])
    assert feature["effect"] == pytest.approx(missing["value"] - filled[0])
    assert feature["effect"] != 0


def test_an_effect_that_is_not_finite_is_null_and_last():
    rows = ROWS.copy()
    rows[1:, 0] = 0
    last = Counted(lambda features: np.where(features[:, 0] == 0, np.inf, features[:, 1]))
    service = explained(fitted(last, VALUES, FunctionTransformer()), rows, sample=rows[0])

    first, second = explain(service)["explanation"]["features"]
    assert first["name"] == "income"
    assert second == {"name": "age", "value": 5.0, "reference": 0.0, "effect": None}


def test_features_may_be_made_by_several_steps():
    steps = [("double", FunctionTransformer(lambda rows: 2 * rows)), ("scale", StandardScaler())]
    pipeline = Pipeline([*steps, ("last", LinearRegression())]).fit(ROWS, VALUES)

    def predict(rows, observe=None):
        features = pipeline[:2].transform(rows)
        if observe is not None:
            observe(features)
        # The observed array belongs to the model, which may go on with it in place.
        found = pipeline[2].predict(features)[:, None]
        features[:] = 0
        return found

    told = explain(explained(pipeline, steps=2, probabilities=predict))["explanation"]["features"]

    expected = explain(explained(REGRESSOR))["explanation"]["features"]
    assert [each["name"] for each in told] == [each["name"] for each in expected]
    for key in ("value", "effect"):
        assert [each[key] for each in told] == pytest.approx([each[key] for each in expected], rel=1e-4)


def test_the_same_request_has_the_same_answer():
    service = explained(CLASSIFIER)
    assert explain(service) == explain(service) == explain(explained(CLASSIFIER))


def test_an_explanation_is_a_request_and_no_prediction():
    service = explained(CLASSIFIER)
    explain(service)

    told = ask(service, "GET", "/metrics").text
    assert 'model_prediction_latency_seconds_count{endpoint="/explain"} 1.0' in told
    assert 'model_prediction_latency_seconds_count{endpoint="/predict"} 0.0' in told
    assert "model_call_rows_count 0.0" in told
    assert 'model_predictions_total{class="leaves",version="4"} 0.0' in told
    assert service.watch.window.added == 0
