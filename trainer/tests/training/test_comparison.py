"""The process that scores the champion: its output, its failures and its time limit, and its end."""

import json
import time
from types import SimpleNamespace

import numpy as np
import pytest
from mlflow.exceptions import MlflowException

from kit.contract.protocol import Terminated
from kit.judging.bounds import Gate
from kit.registry.model_files import ModelFiles, ModelUnusable
from kit.registry.versions import Champion
from seismic.data.survey import Survey
from seismic.training import champion, comparison
from seismic.training.comparison import Comparison, NotScored, score, write_traces

CLASSES = np.array(["normal", "anomaly", "boundary"])
LABELS = np.array(["normal", "anomaly", "normal", "anomaly"])
TRAINED = SimpleNamespace(
    sha256="b", labels=LABELS, figures=lambda: {"macroF1": 0.5, "accuracy": 0.5, "gap.macroF1": 0.2}
)


@pytest.fixture
def compare(tmp_path, monkeypatch, grid):
    """Start a comparison with a champion that this program scores."""
    survey = Survey.open(grid)
    monkeypatch.setattr(comparison, "PROGRAM", [str(tmp_path / "program.py")])

    def started(program, gate=None, sha256="a", download=lambda *_: None, uncompared="floors"):
        (tmp_path / "program.py").write_text(program)
        versions = SimpleNamespace(champion=lambda: Champion("2", sha256, ""), download=download)
        settings = SimpleNamespace(
            gate=Gate.parse(gate or {"regression": {"macroF1": 0.02}}), gate_uncompared=uncompared
        )
        made = Comparison(settings, versions)
        made.start(survey, SimpleNamespace(hold_out=np.arange(4)))
        return made

    return started


def test_the_champions_answer_is_scored(compare):
    program = f"""
import sys, numpy as np
_, folder, sha256, files_sha256, traces, answer = sys.argv
assert (sha256, files_sha256) == ("a", "")
assert np.load(traces).shape == (4, 6)
np.savez(answer, probabilities=np.eye(3)[[0, 1, 0, 0]], classes={CLASSES.tolist()})
"""
    with compare(program) as compared:
        verdict = compared.verdict(TRAINED)
    assert verdict.note == ""
    assert (verdict.champion.version, verdict.champion.figures["accuracy"]) == ("2", 0.75)
    assert verdict.as_result()["champion"]["metrics"]["accuracy"] == 0.75
    (reason,) = verdict.reasons
    assert reason.startswith("macro F1 0.500 is 0.233 below the 0.733 of the champion (version 2)")


@pytest.mark.parametrize(
    ("program", "note"),
    [
        ("print('chat'); raise ValueError('no such thing')", "ValueError: no such thing"),
        ("import os; print('chat', flush=True); os.kill(os.getpid(), 9)", "its process ended with -9"),
        ("import time; time.sleep(600)", "not done 0 s after the training"),
    ],
)
def test_a_champion_that_cannot_be_scored_is_told(compare, monkeypatch, program, note):
    if "sleep" in program:
        monkeypatch.setattr(comparison, "PATIENCE_SECONDS", 0.3)
    with compare(program) as compared:
        verdict = compared.verdict(TRAINED)
    assert (verdict.state, verdict.champion) == ("passed", None)
    assert verdict.note == f"the champion (version 2) cannot be scored: {note}"


def failing(error):
    def download(*_):
        raise error

    return download


LOST = [
    (MlflowException("no such\nartifact"), "its files cannot be fetched: no such artifact"),
    (ModelUnusable("lost its files"), "it lost its files"),
]


@pytest.mark.parametrize(("error", "reason"), LOST)
def test_a_champion_that_mlflow_does_not_give_is_told(compare, error, reason):
    with compare("", download=failing(error)) as compared:
        note = compared.verdict(TRAINED).note
    assert note == f"the champion (version 2) cannot be scored: {reason}"


@pytest.mark.parametrize(
    ("program", "changes"),
    [
        ("raise ValueError('it has files of hash b, expected a')", {}),
        ("", {"download": failing(ModelUnusable("lost its files"))}),
        ("", {"sha256": ""}),
    ],
)
def test_where_no_comparison_is_no_release_the_gate_refuses(compare, program, changes):
    with compare(program, uncompared="refuse", **changes) as compared:
        verdict = compared.verdict(TRAINED)
    (reason,) = verdict.reasons
    assert (verdict.state, verdict.champion) == ("refused", None)
    assert reason == f"{verdict.note}; {comparison.REMEDY}"
    assert "gate.uncompared: floors" in reason


@pytest.mark.parametrize("without", [{"gate": {"floors": {"accuracy": 0.1}}}, {"sha256": "b"}])
def test_what_needs_no_comparison_is_not_refused_for_the_lack_of_one(compare, without):
    with compare("raise ValueError('never asked')", uncompared="refuse", **without) as compared:
        assert compared.verdict(TRAINED).state == "passed"


def test_nothing_is_started_without_a_bound_on_regression(compare):
    with compare("", {"floors": {"accuracy": 0.1}}) as compared:
        assert compared._process is None
        assert compared.verdict(TRAINED).note == "the gate bounds no regression"


def test_the_same_model_is_not_waited_for(compare):
    began = time.monotonic()
    with compare("import time; time.sleep(600)", sha256="b") as compared:
        assert compared.verdict(TRAINED).note == "the candidate is the champion (version 2) itself"
    assert time.monotonic() - began < 20


def test_the_process_and_its_files_go_when_the_trainer_ends_early(compare):
    compared = compare("import time; time.sleep(600)")
    assert compared._process.poll() is None
    assert compared._folder.exists()
    with pytest.raises(Terminated), compared:
        raise Terminated
    assert compared._process.poll() == -9
    assert not compared._folder.exists()


def test_traces_are_written_as_they_are(grid, tmp_path, monkeypatch):
    survey = Survey.open(grid)
    rows = np.array([1, 2, 5, 7, 19])
    monkeypatch.setattr(survey, "chunks", lambda where: Survey.chunks(survey, 2, where))
    write_traces(survey, rows, tmp_path / "traces.npy")
    written = np.load(tmp_path / "traces.npy")
    assert written.dtype == np.float32
    assert np.array_equal(written, survey.read(rows))


def test_columns_are_ordered_and_unknown_classes_are_told():
    # The order is the model's own: after sorting, the first column is anomaly.
    probabilities = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]])
    scores = score(LABELS, probabilities, CLASSES)
    assert scores.classes == ("anomaly", "normal")
    assert scores.per_class["anomaly"]["recall"] == 0.5
    assert scores.log_loss == pytest.approx(-(3 * np.log(0.8) + np.log(0.1)) / 4)
    with pytest.raises(NotScored, match=r"^it does not know the class anomaly$"):
        score(LABELS, probabilities[:, [0, 2]], CLASSES[[0, 2]])


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

    def answer(model, traces):
        monkeypatch.setattr(ModelFiles, "read", lambda _: SimpleNamespace(load=lambda *_: model))
        np.save(tmp_path / "traces.npy", traces)
        champion.predict(tmp_path, "a", "", tmp_path / "traces.npy", tmp_path / "answer.npz")
        return np.load(tmp_path / "answer.npz")

    return answer


def test_the_program_predicts_in_batches(predict, monkeypatch):
    monkeypatch.setattr(champion, "BATCH", 2)
    model, traces = Model(), np.arange(10, dtype=np.float32).reshape(5, 2)
    answer = predict(model, traces)
    assert model.batches == [2, 2, 1]
    assert answer["classes"].tolist() == CLASSES.tolist()
    assert np.array_equal(answer["probabilities"][:, :2], traces)


@pytest.mark.parametrize("worst", [np.nan, np.inf])
def test_the_program_refuses_what_is_not_finite(predict, worst):
    with pytest.raises(ValueError, match="probabilities that are not finite"):
        predict(Model(worst), np.ones((2, 2), np.float32))


@pytest.mark.parametrize("off", [0.0, 1e-3])
def test_a_champion_that_answers_otherwise_than_ever_is_not_compared(predict, tmp_path, off):
    """This release may compute other features than the champion was trained with."""
    answer = {"probabilities": {"normal": 1.0, "anomaly": 2.0 + off, "boundary": 0.1}}
    requests = [
        {"body": {"trace": [1, 2]}, "answer": answer},
        {"body": {"traces": [[1, 2]]}, "answer": {"predictions": [answer]}},
    ]
    (tmp_path / "expectations.json").write_text(json.dumps({"requests": requests}))
    if off:
        with pytest.raises(ValueError, match="this release computes other features"):
            predict(Model(), np.ones((2, 2), np.float32))
    else:
        assert predict(Model(), np.ones((2, 2), np.float32))["probabilities"].shape == (2, 3)
