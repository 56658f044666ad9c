"""A trainer's own figures: where they appear, and which names and values are refused."""

import dataclasses
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from small_trainers import SETTINGS, made

from kit.contract.protocol import ConfigurationError
from kit.judging.bounds import Gate
from kit.judging.gate import judge
from kit.training import fitting
from kit.training.checks import TrainerFault
from kit.training.figures.names import TIMED, latency_of
from kit.training.run import Run
from kit.training.tasks import CLASSIFICATION, REGRESSION


def with_figures(**figures):
    return made(REGRESSION, figures=figures)


def split(learner, data, gate=None):
    settings = dataclasses.replace(SETTINGS, gate=gate and Gate.parse(gate))
    return fitting.split(data, learner, settings)


def fit(learner, data):
    return fitting.fit(data, split(learner, data), learner, SETTINGS)


def test_a_figure_of_the_trainer_is_judged_printed_and_recorded():
    def spread(trained, data):
        return data.targets(trained.split.hold_out).std()

    learner, data = with_figures(targetSpread=spread)
    trained = fit(learner, data)
    value = trained.targets.std()
    assert trained.as_result(data)["metrics"]["targetSpread"] == value
    run = Run(SETTINGS, learner, data, trained, SimpleNamespace(as_metrics=dict), None, Path())
    assert run.metrics["target_spread"] == value
    gate = Gate.parse({"bounds": {"targetSpread": {"max": 0.5}}})
    assert judge(gate, trained.figures(), None).reasons == (
        f"targetSpread {value:.3f} is above the bound 0.500",
    )


def test_a_gate_may_bound_it_but_the_champion_has_none():
    learner, data = with_figures(skill=lambda *_: 1.0)
    split(learner, data, {"bounds": {"skill": {"min": 0}}})
    with pytest.raises(ConfigurationError, match=r"gate.regression.skill: no such figure; the champion has"):
        split(learner, data, {"regression": {"skill": {"by": 0, "better": "higher"}}})


@pytest.mark.parametrize(
    "name",
    [
        "rmse",
        "r2",
        "modelBytes",
        "latencyMs",
        "support",
        "championRmse",
        "randomSplitRmse",
        "gapRmse",
        "perClass",
    ],
)
def test_a_name_of_another_figure_is_refused_before_the_fit(name):
    with pytest.raises(TrainerFault, match=f"Learner.figures: got the name {name}, which the kit gives to"):
        split(*with_figures(**{name: lambda *_: 1.0}))


@pytest.mark.parametrize("name", ["recall.high", "naive rmse", "Skill", "naive_rmse"])
def test_a_name_of_another_form_is_refused(name):
    with pytest.raises(TrainerFault, match=r"expected letters and digits, such as naiveRmse"):
        split(*with_figures(**{name: lambda *_: 1.0}))


def test_a_classifiers_names_are_taken_too():
    learner, data = made(CLASSIFICATION, figures={"accuracy": lambda *_: 1.0})
    with pytest.raises(TrainerFault, match="got the name accuracy"):
        split(learner, data)


def test_a_figure_that_is_not_finite_is_the_trainers_fault():
    with pytest.raises(TrainerFault, match=r"skill is nan; expected a finite number: correct the trainer"):
        fit(*with_figures(skill=lambda *_: float("nan")))


def test_the_time_of_a_row_is_a_median_and_has_bounds():
    learner, data = made(REGRESSION)
    trained = fit(learner, data)
    assert 0 < trained.figures()["latencyMs"] < 1000
    pauses = iter([0.05, *[0.0] * TIMED])
    assert latency_of(lambda row: time.sleep(next(pauses)), np.zeros((1, 3))) < 40
    verdict = judge(Gate.parse({"bounds": {"latencyMs": {"max": 1e-6}}}), trained.figures(), None)
    (reason,) = verdict.reasons
    assert reason.startswith("latencyMs ")
