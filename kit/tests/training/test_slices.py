"""Figures of slices of the hold-out: which there are, and what a gate makes of them."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from small_trainers import SETTINGS, made

from kit.contract.protocol import ConfigurationError
from kit.judging.bounds import Gate
from kit.judging.gate import judge, metric_name
from kit.training import fitting
from kit.training.checks import TrainerFault
from kit.training.tasks import CLASSIFICATION, REGRESSION

# 40 of the 200 rows are held out.
HALVES = np.where(np.arange(200) < 100, "old", "new")


def fitted(task, slices, gate=None):
    learner, data = made(task, slices=slices)
    settings = dataclasses.replace(SETTINGS, gate=gate and Gate.parse(gate))
    split = fitting.split(data, learner, settings)
    return fitting.fit(data, split, learner, settings), split


@pytest.mark.parametrize(
    ("task", "figures"), [(CLASSIFICATION, ("macroF1", "accuracy")), (REGRESSION, ("rmse", "mae"))]
)
def test_each_slice_has_figures_of_its_own_rows(task, figures):
    trained, split = fitted(task, lambda _, where: HALVES[where])
    held = HALVES[split.hold_out]
    there = [name for name in ("new", "old") if (held == name).sum() >= 20]
    assert there
    assert set(trained.further) == {f"slice.{name}.{figure}" for name in there for figure in figures}
    mask = held == there[0]
    error = (
        np.abs(trained.targets[mask] - trained.predictions[mask, 0]).mean() if task is REGRESSION else None
    )
    if error is not None:
        assert trained.further[f"slice.{there[0]}.mae"] == pytest.approx(error)
    metrics = trained.as_result(SimpleNamespace(sha256=""))["metrics"]
    assert trained.further.items() <= metrics.items()


def test_rows_of_no_slice_and_small_slices_have_none(caplog):
    def some(_, where):
        return np.where(where < 10, "few", "")

    with caplog.at_level("INFO"):
        trained, _ = fitted(CLASSIFICATION, some)
    assert trained.further == {}
    # A second time would mean that the trainer's function was called again.
    assert len([message for message in caplog.messages if message.startswith("slice few: ")]) == 1


def test_a_gate_bounds_a_slice_and_refuses_one_that_is_not_there():
    def everything(_, where):
        return np.full(where.size, "all")

    gate = {"bounds": {"slice.all.rmse": {"max": 1e-9}}}
    trained, _ = fitted(REGRESSION, everything, gate)
    (reason,) = judge(Gate.parse(gate), trained.figures(), None).reasons
    assert reason.startswith("slice.all.rmse ")
    with pytest.raises(
        ConfigurationError, match=r"gate\.bounds\.slice\.south\.rmse: no such figure; it has "
    ):
        fitted(REGRESSION, everything, {"bounds": {"slice.south.rmse": {"max": 1}}})
    assert metric_name("slice.all.macroF1") == "slice_all.macro_f1"


@pytest.mark.parametrize(
    ("slices", "says"),
    [
        (lambda _, where: np.zeros(where.size), "got float64 of shape"),
        (lambda _, where: np.array(["all"]), "expected 40 texts"),
        # 40 slices of one row.
        (lambda _, where: np.arange(where.size).astype(str), None),
    ],
)
def test_what_is_no_name_for_each_row_is_the_trainers_fault(slices, says):
    if says is None:
        trained, _ = fitted(CLASSIFICATION, slices)
        assert trained.further == {}
        return
    with pytest.raises(TrainerFault, match=says):
        fitted(CLASSIFICATION, slices)
