"""A replica's metrics of the requested traces: quality, drift, and the model's own figures."""

import re
import time
from functools import partial

import numpy as np
import pytest
import trainer_contract as agreed

from kit.drift.watching import LEAST_ROWS, Observer
from kit.serving.app import Service
from kit.serving.probabilities import stepwise
from seismic.demo.segy_writer import file_headers, trace_records
from seismic.serving.settings import Settings

from .conftest import INTERVAL_US, SAMPLES, parsed, served

DETAILS = {
    "metrics": {"accuracy": 0.9, "weighted_f1": 0.8, "macro_f1": 0.7, "log_loss": 0.2},
    "trained_at": "2026-01-31T16:34:00+00:00",
}


@pytest.fixture
def service(pipeline, environment, reference):
    environment = environment | {"MAX_BATCH": "1000", "MAX_BODY_BYTES": "9000000"}
    model = served(pipeline, environment, DETAILS, reference=reference)
    return Service(model, Settings.from_environment(environment))


def ask(call, traces):
    answer = call("POST", "/batch_predict", json={"traces": traces.tolist()})
    assert answer.status_code == 200


def ask_one_by_one(call, traces):
    for trace in traces:
        assert call("POST", "/predict", json={"trace": trace.tolist()}).status_code == 200


def test_before_there_is_a_window_nothing_is_claimed(call, values, service, many):
    ask_one_by_one(call, many[: LEAST_ROWS - 1])
    service.watch.look()
    told = values()
    assert np.isnan(told["model_drift_score"])
    assert told["model_drift_window_rows"] == LEAST_ROWS - 1
    assert told["model_drift_reference"] == 1
    assert told["model_drift_evaluated_timestamp_seconds"] == 0
    assert not any(name.startswith("model_feature_drift") for name in told)


@pytest.mark.parametrize("asking", [ask, ask_one_by_one])
def test_traces_like_the_trainings_are_none_louder_ones_are(call, values, service, many, asking):
    asking(call, many[:200])
    for part in range(200, 400, 64):
        ask(call, many[part : part + 64])
    service.watch.look()
    told = values()
    assert told["model_drift_score"] < 0.2
    assert told["model_drift_evaluated_timestamp_seconds"] == pytest.approx(time.time(), abs=60)
    assert told["model_drift_evaluation_seconds_count"] == 1
    for part in range(0, 900, 64):
        ask(call, many[part : part + 64] * 3 + 50)
    service.watch.look()
    told = values()
    assert told["model_drift_score"] > 0.5
    assert told["model_feature_drift_psi{mean}"] > 0.5
    assert 0.2 < told["model_feature_drift_ks{mean}"] <= 1
    assert told["model_drift_failures_total"] == 0
    text = call("GET", "/metrics").text
    assert {name for name in agreed.metrics("serving") if f"# TYPE {name} " not in text} == set()


def test_a_pipeline_that_is_not_compiled_is_watched_as_well(call, values, service, many, pipeline):
    service.batcher._predict = partial(stepwise(pipeline), **service.batcher._predict.keywords)
    ask(call, many[:200])
    taken = service.watch.window.take()
    np.testing.assert_allclose(taken, pipeline.steps[0][1].transform(many[:200:4]))


def test_the_window_holds_features_before_they_are_scaled(call, service, many, pipeline):
    ask_one_by_one(call, many[:3])
    expected = pipeline.steps[0][1].transform(many[:3])
    np.testing.assert_array_equal(service.watch.window.take(), expected)


def test_a_window_that_ages_takes_its_score_with_it(call, values, service, many):
    for part in range(0, 900, 64):
        ask(call, many[part : part + 64])
    service.watch.look()
    assert not np.isnan(values()["model_drift_score"])
    service.watch.window._clock = lambda: time.monotonic() + 301
    service.watch.look()
    told = values()
    assert np.isnan(told["model_drift_score"])
    assert told["model_drift_window_rows"] == 0
    assert not any(name.startswith("model_feature_drift") for name in told)


def test_nothing_is_compared_twice(call, values, service, many):
    for part in range(0, 900, 64):
        ask(call, many[part : part + 64])
    service.watch.look()
    service.watch.look()
    assert values()["model_drift_evaluation_seconds_count"] == 1


class Failing:
    def compare(self, window, pause):
        raise RuntimeError("no comparison today")


def test_a_failing_comparison_is_counted_logged_once_and_serving_goes_on(call, values, service, many, caplog):
    service.watch._reference = Failing()
    service.watch._period = 0.02
    for part in range(0, 900, 64):
        ask(call, many[part : part + 64])
    with service.watch:
        deadline = time.monotonic() + 20
        while values()["model_drift_failures_total"] < 3:
            assert time.monotonic() < deadline
            ask(call, many[:1])
    assert [record.message for record in caplog.records].count(
        "the comparison with the training data failed; serving goes on without it"
    ) == 1


def test_an_observer_that_fails_costs_no_prediction(call, values, service, caplog):
    def fail(features):
        raise MemoryError

    service.batcher._predict.keywords["observe"] = Observer([fail], service.metrics.observing_failed)
    for _ in range(3):
        assert call("POST", "/predict", json={"trace": [1.0] * SAMPLES}).status_code == 200
    assert values()["model_drift_failures_total"] == 3
    assert caplog.messages.count("what was classified is not observed; serving goes on") == 1


def test_dead_and_loud_traces_are_counted_and_predicted(call, values, many, reference):
    loud = many[:4].copy()
    loud[1, 7], loud[2, 3] = reference.largest_amplitude * 11, reference.largest_amplitude * -11
    loud[3] = reference.largest_amplitude * 9
    ask(call, np.concatenate([loud, np.zeros((2, SAMPLES), np.float32)]))
    ask_one_by_one(call, np.concatenate([loud[:3], np.full((1, SAMPLES), 7.0)]))
    told = values()
    # The loud trace is constant, so it is also a dead one.
    assert told["model_input_rows_total{dead}"] == 2 + 1 + 1
    assert told["model_input_rows_total{out_of_range}"] == 2 + 2
    assert told["model_input_rows_total{nonfinite}"] == 0


@pytest.mark.parametrize(
    ("body", "quality"),
    [
        (b'{"trace": [NaN, %s]}' % b",".join([b"1"] * (SAMPLES - 1)), "nonfinite"),
        (b'{"trace": [null, %s]}' % b",".join([b"1"] * (SAMPLES - 1)), "nonfinite"),
        (b'{"trace": [1e16, %s]}' % b",".join([b"1"] * (SAMPLES - 1)), "out_of_range"),
        (b'{"trace": ["1", %s]}' % b",".join([b"1"] * (SAMPLES - 1)), None),
    ],
)
def test_refused_amplitudes_are_counted(call, values, body, quality):
    call("POST", "/predict", content=body, headers={"content-type": "application/json"})
    told = values()
    qualities = ("nonfinite", "dead", "out_of_range")
    counted = [name for name in qualities if told[f"model_input_rows_total{{{name}}}"]]
    assert counted == ([quality] if quality else [])


def test_refused_traces_of_a_survey_are_counted(call, values, many):
    traces = many[:10].copy()
    traces[2, 5], traces[4, 1], traces[6, 1], traces[7, 0] = np.nan, np.inf, 3e15, -2e15
    content = file_headers(SAMPLES, INTERVAL_US, 5, []) + trace_records(traces, 0, 100, INTERVAL_US, 5)
    answer = call(
        "POST", "/batch_predict", content=content, headers={"content-type": "application/octet-stream"}
    )
    assert answer.status_code == 422
    told = values()
    assert told["model_input_rows_total{nonfinite}"] == 2
    assert told["model_input_rows_total{out_of_range}"] == 2


def test_the_models_figures_are_those_of_its_run(values):
    told = values()
    assert told["model_accuracy"] == 0.9
    assert told["model_f1_weighted"] == 0.8
    assert told["model_f1_macro"] == 0.7
    assert told["model_trained_timestamp_seconds"] == 1769877240


def bare(pipeline, environment, **changes):
    return Service(served(pipeline, environment), Settings.from_environment(environment | changes))


def test_what_is_not_known_is_absent(pipeline, environment):
    told = parsed(bare(pipeline, environment).metrics.render().decode())
    assert not any(re.match(r"model_(accuracy|f1|trained)", name) for name in told)
    assert told["model_drift_reference"] == 0
    assert np.isnan(told["model_drift_score"])


def test_drift_can_be_turned_off(pipeline, environment, reference):
    service = bare(pipeline, environment, DRIFT="false")
    assert service.watch is None
    assert not any("drift" in name for name in parsed(service.metrics.render().decode()))


def test_no_label_comes_from_a_request(call, values, many, service):
    ask(call, many[:200])
    service.watch.look()
    before = set(values())
    for number in range(20):
        call("GET", f"/nowhere/{number}")
        call("POST", "/predict", json={f"trace{number}": [number]})
        call("POST", f"/predict?feature={number}", json={"trace": [1e14 * number] * SAMPLES})
        call("POST", "/batch_predict", content=b"x", headers={"content-type": f"text/{number}"})
    service.watch.look()
    kinds = {name for name in set(values()) - before if not name.startswith("model_request_errors")}
    assert kinds <= {f"model_feature_drift_{kind}{{{name}}}" for kind in ("psi", "ks")
                     for name in service.model.reference.sketches}  # fmt: skip
    assert sum(name.startswith("model_request_errors_total") for name in values()) <= 6
