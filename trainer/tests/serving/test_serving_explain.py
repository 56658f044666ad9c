"""Which features of a trace move its class, as the service tells it, and by hand from the last steps."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from kit.drift.reference import Reference
from kit.serving.app import Service
from kit.serving.explaining.explainer import MOST_TOLD
from seismic.learning.features import FEATURE_NAMES, TraceFeatures
from seismic.serving.settings import Settings

from .conftest import INTERVAL_US, SAMPLES, served

LOUD, QUIET = 40, 5


@pytest.fixture(scope="module")
def trees(traces):
    """A pipeline with all features of the trainer's own models, and trees after them."""
    steps = [
        ("features", TraceFeatures(interval_us=INTERVAL_US)),
        ("scale", StandardScaler()),
        ("classifier", HistGradientBoostingClassifier(max_iter=20, min_samples_leaf=5, random_state=7)),
    ]
    return Pipeline(steps).fit(traces, np.repeat(["normal", "anomaly", "boundary"], 30))


@pytest.fixture(params=["pipeline", "trees"])
def explained(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def service(explained, environment, many):
    features = explained.steps[0][1]
    reference = Reference.of(features.transform(many), features.get_feature_names_out())
    model = served(explained, environment, reference=reference)
    return Service(model, Settings.from_environment(environment))


def by_hand(pipeline, trace, many):
    """What replacing one feature after the other by its median changes: name, value, median, effect."""
    features, rest = pipeline.steps[0][1], Pipeline(pipeline.steps[1:])
    names, values = features.get_feature_names_out(), features.transform(trace[None])[0]
    medians = np.sort(features.transform(many), axis=0)[(len(many) - 1) // 2]
    best = int(rest.predict_proba(values[None])[0].argmax())
    found = []
    for place, name in enumerate(names):
        replaced = values.copy()
        replaced[place] = medians[place]
        before, after = rest.predict_proba([values, replaced])[:, best]
        found.append((name, values[place], medians[place], before - after))
    return sorted(found, key=lambda each: -abs(each[3]))


@pytest.mark.parametrize("at", [LOUD, QUIET])
def test_a_traces_features_are_told_with_their_effects(call, explained, traces, many, at):
    trace = {"trace": traces[at].tolist()}
    answer = call("POST", "/explain", json=trace)

    assert answer.status_code == 200
    told = answer.json()
    assert {key: told[key] for key in told if key != "explanation"} == call(
        "POST", "/predict", json=trace
    ).json()
    assert answer.headers["x-model-version"] == told["version"]
    explanation, expected = told["explanation"], by_hand(explained, traces[at], many)
    assert (explanation["output"], explanation["class"]) == ("probability", told["class"])
    assert explanation["feature_count"] == len(expected)
    assert len(explanation["features"]) == min(len(expected), MOST_TOLD)
    assert {each["name"] for each in explanation["features"]} <= set(FEATURE_NAMES)
    # Features of equal effect may change places by their last digit.
    found = {each["name"]: each for each in explanation["features"]}
    sizes = [abs(each["effect"]) for each in explanation["features"]]
    assert sizes == pytest.approx([abs(effect) for *_, effect in expected[: len(sizes)]], abs=1e-12)
    assert sizes[0] > 0.01
    for name, value, median, effect in expected:
        if name in found:
            assert found[name]["value"] == pytest.approx(value, rel=1e-12)
            assert found[name]["reference"] == median
            assert found[name]["effect"] == pytest.approx(effect, abs=1e-12)


def test_wrong_traces_are_refused_as_by_predict(call, traces):
    headers = {"content-type": "application/json"}
    for body in ({"trace": [1.0] * (SAMPLES - 1)}, {"trace": [None] * SAMPLES}, {"traces": []}, {}):
        refused = call("POST", "/explain", json=body)
        assert refused.status_code == 422
        assert refused.json() == call("POST", "/predict", json=body).json()
    assert call("POST", "/explain", content=b"{", headers=headers).status_code == 400
    assert call("POST", "/explain", content=b" " * 100_000, headers=headers).status_code == 413
    assert call("POST", "/explain", content=b"{}", headers={"content-type": "text/csv"}).status_code == 415
    assert call("GET", "/explain").status_code == 405


def test_a_dead_trace_is_explained_too(call):
    explanation = call("POST", "/explain", json={"trace": [0.0] * SAMPLES}).json()["explanation"]
    assert all(np.isfinite(each["value"]) for each in explanation["features"])
