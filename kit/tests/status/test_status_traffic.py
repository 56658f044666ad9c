import math

import pytest

from kit.status.traffic import BIN_SECONDS, HOUR_SECONDS, Reading, Traffic, quantile

from .servers import drift_text, metrics_text

PERIOD = 5.0


def reading(at, **counts):
    return Reading.parse(metrics_text(**counts), at)


def test_rates_are_the_growth_a_second_summed_over_the_replicas():
    traffic = Traffic(PERIOD)
    traffic.add(1000, {"a": reading(0, normal=100, requests=100), "b": reading(0, requests=10)})
    traffic.add(
        1005,
        {
            "a": reading(5, normal=130, anomaly=20, requests=140, errors=5),
            "b": reading(5, normal=10, requests=20),
        },
    )

    now = traffic.view()["now"]

    assert now["requests"] == pytest.approx((40 + 10) / 5)
    assert now["rows"] == pytest.approx((30 + 20 + 10) / 5)
    assert now["errors"] == pytest.approx(1)
    assert traffic.view()["classes"] == {"normal": 140, "anomaly": 20}
    assert traffic.view()["predicted"] == 160


def test_without_classes_all_rows_are_one_number():
    traffic = Traffic(PERIOD)
    for at, rows in ((0, 0), (5, 10)):
        text = metrics_text(normal=rows).replace('class="normal",', "").replace('class="anomaly"', 'class=""')
        traffic.add(1000 + at, {"a": Reading.parse(text, at)})

    view = traffic.view()

    assert (view["classes"], view["predicted"]) == ({}, 10)
    assert view["now"]["rows"] == pytest.approx(2)


def test_the_first_reading_of_a_replica_is_no_growth():
    traffic = Traffic(PERIOD)
    traffic.add(1000, {"a": reading(0, requests=1_000_000)})

    assert traffic.view()["now"]["requests"] is None


@pytest.mark.parametrize(
    ("started", "requests", "grown"),
    [(1.0, 20, 20), (2.0, 20, 20), (2.0, 150, 150), (1.0, 150, 50)],
    ids=["reset", "new process", "new process that has more already", "same process"],
)
def test_counters_that_start_anew_have_grown_from_zero(started, requests, grown):
    traffic = Traffic(PERIOD)
    traffic.add(1000, {"a": reading(0, requests=100)})
    traffic.add(1005, {"a": reading(5, requests=requests, started=started)})

    assert traffic.view()["now"]["requests"] == pytest.approx(grown / 5)


def test_a_replica_that_missed_a_question_starts_anew():
    traffic = Traffic(PERIOD)
    traffic.add(1000, {"a": reading(0, requests=100), "b": reading(0, requests=0)})
    traffic.add(1005, {"b": reading(5, requests=5)})
    traffic.add(1010, {"a": reading(10, requests=1100), "b": reading(10, requests=10)})

    assert traffic.view()["now"]["requests"] == pytest.approx(1)


def test_no_replica_is_a_gap_and_not_a_zero():
    traffic = Traffic(PERIOD)
    for number in range(4):
        traffic.add(1020 + number * PERIOD, {"a": reading(number * PERIOD, requests=number)})
    for number in range(12):
        traffic.add(1050 + number * PERIOD, {})

    view = traffic.view()

    assert view["at"] == [1020, 1050, 1080]
    assert view["series"]["requests"] == [pytest.approx(0.2), None, None]


def test_an_hour_is_kept_in_bins():
    traffic = Traffic(PERIOD)
    for number in range(2000):
        traffic.add(number * PERIOD, {"a": reading(number * PERIOD, requests=number * 10)})

    view = traffic.view()

    # The oldest bin may be cut.
    assert len(view["at"]) - HOUR_SECONDS / BIN_SECONDS in (0, 1)
    assert view["at"][-1] == (1999 * PERIOD) // BIN_SECONDS * BIN_SECONDS
    assert all(len(values) == len(view["at"]) for values in view["series"].values())
    assert view["series"]["requests"] == [pytest.approx(2)] * len(view["at"])


def test_latencies_come_from_the_growth_of_the_buckets():
    traffic = Traffic(PERIOD)
    traffic.add(1000, {"a": reading(0, fast=1000, requests=1000)})
    traffic.add(1005, {"a": reading(5, fast=1050, requests=1100)})

    now = traffic.view()["now"]

    assert now["p50"] == pytest.approx(0.01)
    assert now["p95"] == pytest.approx(0.01 + 0.09 * 0.9)
    traffic.add(1100, {"a": reading(100, fast=1050, requests=1100)})
    assert traffic.view()["now"]["p95"] is None  # nobody asked: there is no latency


def test_quantiles_are_those_of_prometheus():
    buckets = {0.1: 10.0, 0.2: 30.0, 0.4: 30.0, math.inf: 40.0}

    assert quantile(0.25, buckets) == pytest.approx(0.1)
    assert quantile(0.5, buckets) == pytest.approx(0.15)
    assert quantile(0.75, buckets) == pytest.approx(0.2)
    assert quantile(0.99, buckets) == 0.4
    assert quantile(0.5, {}) is None
    assert quantile(0.5, {0.1: 0.0, math.inf: 0.0}) is None


def test_drift_is_that_of_the_worst_replica_and_may_be_missing():
    traffic = Traffic(PERIOD)
    traffic.add(1000, {"a": reading(0)})
    assert traffic.view()["now"]["drift"] is None
    assert traffic.view()["reference"] is None
    traffic.add(
        1005,
        {
            "a": reading(5, more=drift_text(0.05, psi=0.3)),
            "b": reading(5, more=drift_text(0.3, psi=0.2)),
            "c": reading(5, more=drift_text("NaN")),
        },
    )

    view = traffic.view()

    assert view["now"]["drift"] == 0.3
    assert view["features"] == [{"name": "rms", "psi": 0.3}]  # NaN is no drift
    assert view["inputs"] == {"dead": 9}
    assert view["reference"] is True


def test_a_replica_of_an_earlier_release_is_read_by_its_old_names():
    text = metrics_text(normal=7, errors=2, fast=3, requests=4, more=drift_text(0.3))
    former = text.replace("model_input_rows", "seismic_input_traces").replace("model_", "seismic_")
    assert former.count("seismic_") == text.count("model_") == 20

    assert Reading.parse(former, 0) == Reading.parse(text, 0)


@pytest.mark.parametrize(
    "text",
    ["<html>busy</html>", metrics_text()[:-40], 'model_prediction_latency_seconds_bucket{le="x"} 1\n'],
)
def test_other_text_is_a_value_error(text):
    with pytest.raises(ValueError, match=r".+"):
        Reading.parse(text, 0)
