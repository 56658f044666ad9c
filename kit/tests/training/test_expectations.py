"""The traces for a served model's expected answers. JSON must keep their amplitudes."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from kit.computing.float32 import short
from kit.training.artifacts.expectations import choose, expectations, write_expectations
from kit.training.learner import RowFormat
from kit.training.tasks import CLASSIFICATION, REGRESSION

SURE = np.array([0.9, 0.05, 0.05])
ROWS = RowFormat("trace", "traces", lambda _, row: [short(value) for value in row], None)
LEARNER = SimpleNamespace(task=CLASSIFICATION, rows=ROWS)


def chosen(labels, probabilities, n_values):
    return choose(CLASSIFICATION.groups(labels, probabilities), n_values).tolist()


def test_up_to_four_of_each_class_evenly_spread():
    labels = np.array(["a"] * 10 + ["b"] * 2 + ["c"])
    assert chosen(labels, np.tile(SURE, (13, 1)), 100) == [0, 3, 6, 9, 10, 11, 12]


def test_long_rows_are_fewer_and_there_is_one_of_each_class():
    labels = np.repeat(["a", "b"], 10)
    assert chosen(labels, np.tile(SURE, (20, 1)), 5_000) == [0, 9, 10, 19]
    assert chosen(labels, np.tile(SURE, (20, 1)), 1_000_000) == [0, 10]


def test_rows_that_the_model_is_torn_about_are_left_out():
    probabilities = np.tile(SURE, (4, 1))
    probabilities[[0, 2]] = [0.4, 0.39995, 0.20005]
    assert chosen(np.array(["a", "a", "b", "c"]), probabilities, 10) == [1, 3]
    assert chosen(np.array(["a"]), probabilities[:1], 10) == []


def test_low_middle_and_high_values_of_a_regressor():
    values = np.arange(30.0)[::-1, None]
    rows = choose(REGRESSION.groups(values[:, 0], values), 10)
    assert len(rows) == 12
    assert [((rows >= low) & (rows < low + 10)).sum() for low in (0, 10, 20)] == [4, 4, 4]


def test_without_clear_rows_nothing_is_asked(tmp_path):
    trained = SimpleNamespace(
        split=SimpleNamespace(hold_out=np.arange(3)), targets=np.array(["normal"] * 3),
        predictions=np.full((3, 2), 0.5), pipeline=None,
    )  # fmt: skip
    data = SimpleNamespace(rows=lambda where: np.ones((len(where), 4), np.float32))
    write_expectations(trained, data, LEARNER, tmp_path)
    assert json.loads((tmp_path / "expectations.json").read_text()) == {"requests": []}


@pytest.mark.parametrize("value", [0.1, 1 / 3, -2.5e-40, 3.4028235e38, 16777217.0, -0.0, 1e-45])
def test_an_amplitude_survives_json(value):
    exact = np.float32(value)
    again = np.float32(json.loads(json.dumps(short(exact))))
    assert again.tobytes() == exact.tobytes()


def test_amplitudes_are_written_with_few_digits():
    noise = np.random.default_rng(4).standard_normal(5000).astype(np.float32) * np.float32(1000)
    texts = [json.dumps(short(value)) for value in noise]
    assert max(map(len, texts)) <= 14
    assert np.array_equal(np.array([json.loads(text) for text in texts], np.float32), noise)


def test_one_request_for_one_trace_and_one_for_all():
    pipeline = SimpleNamespace(
        classes_=np.array(["a", "b"]), predict_proba=lambda traces: np.array([[0.25, 0.75], [0.5, 0.5]])
    )
    first = {"class": "b", "probabilities": {"a": 0.25, "b": 0.75}}
    second = {"class": "a", "probabilities": {"a": 0.5, "b": 0.5}}
    trained = SimpleNamespace(pipeline=pipeline, classes=("a", "b"))
    assert expectations(trained, LEARNER, np.array([[1, 2], [3, 4]], np.float32)) == {
        "requests": [
            {"path": "/predict", "body": {"trace": [1.0, 2.0]}, "answer": first},
            {
                "path": "/batch_predict",
                "body": {"traces": [[1.0, 2.0], [3.0, 4.0]]},
                "answer": {"predictions": [first, second]},
            },
        ]
    }


def test_the_answers_of_a_regressor_are_values():
    trained = SimpleNamespace(pipeline=SimpleNamespace(predict=lambda rows: rows[:, 0]), classes=())
    told = expectations(trained, SimpleNamespace(task=REGRESSION, rows=ROWS), np.array([[1, 2]], np.float32))
    one, many = told["requests"]
    assert one["answer"] == {"value": 1.0}
    assert many["answer"] == {"predictions": [{"value": 1.0}]}
