"""The process that scores the champion: its output, its failures and its time limit, and its end."""

import time
from types import SimpleNamespace

import numpy as np
import pytest
from mlflow.exceptions import MlflowException

from kit.contract.protocol import Terminated
from kit.judging.bounds import Gate
from kit.learning.splits import Split
from kit.registry.model_files import ModelUnusable
from kit.registry.versions import Champion
from kit.training import comparison
from kit.training.checks import TrainerFault
from kit.training.comparison import Comparison, write_rows
from kit.training.learner import RowFormat
from kit.training.tasks import CLASSIFICATION

CLASSES = np.array(["normal", "anomaly", "boundary"])
LABELS = np.array(["normal", "anomaly", "normal", "anomaly"])
TRAINED = SimpleNamespace(
    sha256="b",
    targets=LABELS,
    predictions=np.eye(2)[[0, 0, 1, 1]],
    classes=("anomaly", "normal"),
    split=Split(np.arange(4, 9), np.arange(4), np.arange(20)),
    figures=lambda: {"macroF1": 0.5, "accuracy": 0.5, "gap.macroF1": 0.2},
)
VALUES = np.arange(40, dtype=np.float32).reshape(20, 2)


def from_json(_, rows):
    """The rows of lists of numbers."""
    return np.array(rows, np.float32)


LEARNER = SimpleNamespace(
    task=CLASSIFICATION, rows=RowFormat("row", "rows", lambda _, row: row.tolist(), from_json),
    columns=lambda _: ("left", "right"),
)  # fmt: skip


def data(values=VALUES):
    return SimpleNamespace(rows=lambda where: values[where])


@pytest.fixture
def compare(tmp_path, monkeypatch):
    """Start a comparison with a champion that this program scores."""
    monkeypatch.setattr(comparison, "PROGRAM", [str(tmp_path / "program.py")])

    def started(program, gate=None, sha256="a", download=lambda *_: None, uncompared="floors"):
        (tmp_path / "program.py").write_text(program)
        versions = SimpleNamespace(champion=lambda: Champion("2", sha256, ""), download=download)
        settings = SimpleNamespace(
            gate=Gate.parse(gate or {"regression": {"macroF1": 0.02}}), gate_uncompared=uncompared
        )
        code = SimpleNamespace(package=tmp_path / "trainer", trusted=frozenset({"own.Type"}))
        made = Comparison(settings, versions, LEARNER, code)
        made.start(data(), SimpleNamespace(hold_out=np.arange(4)))
        return made

    return started


def test_the_champions_answer_is_scored(compare):
    program = f"""
import json, sys, numpy as np
job = json.loads(sys.argv[1])
assert (job["sha256"], job["files_sha256"], job["trusted"]) == ("a", "", ["own.Type"])
assert (job["field"], job["fields"], job["from_json"]) == ("row", "rows", [{__name__!r}, "from_json"])
assert job["columns"] == ["left", "right"]
assert np.load(job["rows"]).tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
np.savez(job["answer"], predictions=np.eye(3)[[0, 1, 0, 0]], classes={CLASSES.tolist()})
"""
    with compare(program) as compared:
        verdict = compared.verdict(TRAINED)
    assert (verdict.champion.version, verdict.champion.figures["accuracy"]) == ("2", 0.75)
    told = verdict.as_result()
    assert told["champion"]["metrics"]["accuracy"] == 0.75
    assert told["differences"]["accuracy"]["by"] == -0.25
    # With so few blocks, the loss alone counts.
    (reason,) = verdict.reasons
    assert reason.startswith("macro F1 0.500 is 0.233 below the 0.733 of the champion (version 2); at most")
    assert verdict.note == (
        "the champion (version 2) knows the class boundary, which nothing in the hold-out has"
    )


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


def test_rows_are_written_as_they_are_in_bounded_parts(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(comparison, "MOST_VALUES", 4)
    counting = SimpleNamespace(rows=lambda where: read.append(len(where)) or VALUES[where])
    write_rows(counting, np.array([1, 2, 5, 7, 19]), tmp_path / "rows.npy")
    written = np.load(tmp_path / "rows.npy")
    assert (written.dtype, read) == (np.float32, [1, 2, 2, 1])
    assert np.array_equal(written, VALUES[[1, 2, 5, 7, 19]])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (VALUES.astype(np.float64), "Data.rows: got type float64; expected float32"),
        (VALUES[:, 0], "Data.rows: got dimensions 1; expected 2"),
    ],
)
def test_rows_of_another_form_are_the_trainers_fault(tmp_path, values, says):
    with pytest.raises(TrainerFault, match=says):
        write_rows(data(values), np.arange(3), tmp_path / "rows.npy")


def test_a_champion_that_does_not_know_a_class_is_compared_all_the_same(compare):
    program = """
import json, sys, numpy as np
answer = json.loads(sys.argv[1])["answer"]
np.savez(answer, predictions=np.array([[1, 0], [0, 1], [1, 0], [0, 1]]), classes=["normal", "salt"])
"""
    gate = {"regression": {"macroF1": 0.02, "recall": 0.1, "logLoss": {"by": 0.1, "better": "lower"}}}
    with compare(program, gate, uncompared="refuse") as compared:
        verdict = compared.verdict(TRAINED)
    assert verdict.note.startswith(
        "the champion (version 2) does not know the class anomaly, so it cannot find it, "
        "and knows the class salt, which nothing in the hold-out has"
    )
    theirs = verdict.champion.figures
    assert (theirs["recall.anomaly"], theirs["recall.normal"], theirs["macroF1"]) == (0, 1, 0.5)
    assert theirs["logLoss"] > 10
    told = verdict.as_result()
    assert told["compared"] is True
    # What the champion takes for salt is wrong, although the candidate does not know salt.
    assert told["differences"]["recall.anomaly"]["by"] == 0.5
    assert told["differences"]["accuracy"]["by"] == 0
