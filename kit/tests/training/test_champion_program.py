"""The program that predicts with the champion."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from kit.registry.model_files import ModelFiles
from kit.training import champion

CLASSES = np.array(["normal", "anomaly", "boundary"])


def from_json(_, rows):
    """The rows of lists of numbers."""
    return np.array(rows, np.float32)


class Model:
    classes_ = CLASSES

    def __init__(self, worst=0.1):
        self.worst = worst
        self.batches = []

    def predict_proba(self, traces):
        self.batches.append(len(traces))
        return np.column_stack([traces[:, 0], traces[:, 1], np.full(len(traces), self.worst)])


@pytest.fixture
def predict(tmp_path, monkeypatch):
    """Run the program in this process, with a model instead of a folder."""

    def answer(model, rows):
        monkeypatch.setattr(ModelFiles, "read", lambda _: SimpleNamespace(load=lambda *_: model))
        np.save(tmp_path / "rows.npy", rows)
        champion.predict(
            folder=str(tmp_path), sha256="a", files_sha256="", rows=str(tmp_path / "rows.npy"),
            answer=str(tmp_path / "answer.npz"), trusted=[], field="row", fields="rows",
            from_json=(__name__, "from_json"),
        )  # fmt: skip
        return np.load(tmp_path / "answer.npz")

    return answer


def test_the_program_predicts_in_batches(predict, monkeypatch):
    monkeypatch.setattr(champion, "BATCH", 2)
    model, rows = Model(), np.arange(10, dtype=np.float32).reshape(5, 2)
    answer = predict(model, rows)
    assert model.batches == [2, 2, 1]
    assert answer["classes"].tolist() == CLASSES.tolist()
    assert np.array_equal(answer["predictions"][:, :2], rows)


@pytest.mark.parametrize("worst", [np.nan, np.inf])
def test_the_program_refuses_what_is_not_finite(predict, worst):
    with pytest.raises(ValueError, match="predicts what is not finite"):
        predict(Model(worst), np.ones((2, 2), np.float32))


@pytest.mark.parametrize("off", [0.0, 1e-3])
def test_a_champion_that_answers_otherwise_than_ever_is_not_compared(predict, tmp_path, off):
    """This release may compute other features than the champion was trained with."""
    answer = {"probabilities": {"normal": 1.0, "anomaly": 2.0 + off, "boundary": 0.1}}
    requests = [
        {"body": {"row": [1, 2]}, "answer": answer},
        {"body": {"rows": [[1, 2]]}, "answer": {"predictions": [answer]}},
    ]
    (tmp_path / "expectations.json").write_text(json.dumps({"requests": requests}))
    if off:
        with pytest.raises(ValueError, match="this release computes other features"):
            predict(Model(), np.ones((2, 2), np.float32))
    else:
        assert predict(Model(), np.ones((2, 2), np.float32))["predictions"].shape == (2, 3)


def test_a_regressors_values_are_one_column_and_its_answers_are_checked(predict, tmp_path):
    model = SimpleNamespace(predict=lambda rows: rows[:, 0] * 2)
    expected = {"requests": [{"body": {"row": [3, 0]}, "answer": {"value": 6.0}}]}
    (tmp_path / "expectations.json").write_text(json.dumps(expected))
    answer = predict(model, np.array([[1, 2], [3, 4]], np.float32))
    assert (answer["predictions"].tolist(), answer["classes"].tolist()) == ([[2.0], [6.0]], [])
    model.predict = lambda rows: rows[:, 0] * 3
    with pytest.raises(ValueError, match="this release computes other features"):
        predict(model, np.ones((2, 2), np.float32))
