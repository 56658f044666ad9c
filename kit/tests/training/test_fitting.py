"""The fit of any trainer: both kinds, the names of figures, and what a trainer may do wrong."""

import dataclasses

import numpy as np
import pytest
from small_trainers import SETTINGS, features, made

from kit.contract.protocol import ConfigurationError
from kit.judging.bounds import Bound, Gate
from kit.learning.splits import Split, hold_out_latest
from kit.registry.kind import predictor_of
from kit.training import fitting
from kit.training.checks import TrainerFault
from kit.training.figures.names import check_names
from kit.training.settings import Settings
from kit.training.tasks import CLASSIFICATION, REGRESSION


def fit(learner, data, settings=SETTINGS):
    return fitting.fit(data, fitting.split(data, learner, settings), learner, settings)


@pytest.mark.parametrize(
    ("task", "figure", "good", "classes"),
    [
        (CLASSIFICATION, "macroF1", lambda value: value > 0.9, ("high", "low")),
        (REGRESSION, "rmse", lambda value: value < 0.2, ()),
    ],
)
def test_both_kinds_are_fitted_and_judged_by_held_out_rows(task, figure, good, classes):
    learner, data = made(task)
    trained = fit(learner, data)
    assert good(trained.scores.as_result()[figure])
    assert trained.classes == classes
    assert trained.predictions.shape == (40, len(classes) or 1)
    again = predictor_of(trained.pipeline)(data.rows(trained.split.hold_out))
    assert np.allclose(again, trained.predictions, rtol=1e-5)
    assert list(trained.reference.sketches) == ["a", "b", "c"]
    # Rows that do not depend on each other are held out at random anyway.
    assert trained.claimed == {}
    everything = Gate({}, {}, {}, {name: Bound() for name in trained.figures() if name != "support"})
    check_names(everything, task, trained.classes)
    assert fit(learner, data).sha256 == trained.sha256
    assert fit(learner, data, dataclasses.replace(SETTINGS, threads=2)).sha256 == trained.sha256


def test_blocks_have_a_claim_of_a_random_split_and_time_has_none():
    blocks = np.repeat(np.arange(20), 10)
    held = np.isin(blocks, [3, 7, 11, 15])
    split = Split(np.flatnonzero(~held), np.flatnonzero(held), blocks, 10)
    learner, data = made(REGRESSION, split=lambda _: split)
    trained = fit(learner, data)
    assert list(trained.claimed) == ["randomSplitRmse"]
    assert trained.as_result(data)["metrics"]["randomSplitRmse"] == trained.claimed["randomSplitRmse"] > 0
    learner, data = made(REGRESSION, split=lambda _: hold_out_latest(200, 10, "hour"))
    assert fit(learner, data).claimed == {}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"floors": {"classRecall": {"salt": 1}}},
            "classRecall: no such class: salt; the data has high, low",
        ),
        (
            {"bounds": {"rmse": {"max": 3}, "recall.salt": {"min": 0}}},
            "gate.bounds.rmse, gate.bounds.recall.salt: no such figure; it has accuracy, ",
        ),
        # No one knows on which rows a champion was trained.
        (
            {"regression": {"gap.macroF1": {"by": 0.1, "better": "lower"}}},
            "gate.regression.gap.macroF1: no such figure; the champion has accuracy, ",
        ),
    ],
)
def test_a_gate_that_names_what_no_model_of_the_data_has(given, says):
    learner, data = made()
    settings = dataclasses.replace(SETTINGS, gate=Gate.parse(given))
    with pytest.raises(ConfigurationError, match=r"^GATE: ") as error:
        fitting.split(data, learner, settings)
    assert says in str(error.value)


@pytest.mark.parametrize(("defaults", "refused"), [("macroF1,accuracy", False), ("accuracy", True)])
def test_a_regressor_meets_the_platforms_floors_but_not_one_that_its_stack_gave(defaults, refused):
    environment = {
        "REGISTER": "false",
        "DATA_DIR": "/",
        "GATE": '{"floors": {"macroF1": 0.7, "accuracy": 0.7}}',
    }
    gate = Settings.from_environment(environment | {"GATE_DEFAULT_FLOORS": defaults}).gate

    assert bool(gate.lacking(["rmse"], ["rmse"])) is refused


def changed(**fields):
    def features_of(*given):
        return dataclasses.replace(features(*given), **fields)

    return {"features": features_of}


class Broken:
    """A classifier with other probabilities than it should have."""

    def __init__(self, found):
        self.found = found

    def fit(self, *_):
        return self

    def predict(self, rows):
        return np.full(len(rows), "low")

    def predict_proba(self, rows):
        return np.tile(self.found, (len(rows), 1))


def broken(*found):
    return {"steps": lambda *_: [("classifier", Broken(found))]}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (changed(names=("a", "b")), "Features.matrix: got shape (200, 3); expected (200, 2)"),
        (changed(matrix=np.ones((3, 3))), "Features.matrix: got shape (3, 3); expected (200, 3)"),
        (changed(matrix=np.full((200, 3), np.nan)), "Features.matrix: 600 of 600 values are NaN or infinite"),
        (
            changed(matrix=np.ones((200, 3))),
            "Features.matrix: it has other values than Features.steps make of the same rows",
        ),
        (
            changed(matrix=np.ones((200, 3), np.float32)),
            "Features.matrix: got type float32; expected float64",
        ),
        (broken(0.2, 0.3, 0.5), "the model's predictions: got shape (40, 3); expected (40, 2)"),
        (broken(np.nan, 1), "the model's predictions: 40 of 80 values are NaN or infinite"),
    ],
)
def test_what_is_wrong_in_the_trainer_is_one_sentence(changes, says):
    learner, data = made(**changes)
    with pytest.raises(TrainerFault) as error:
        fit(learner, data)
    assert str(error.value).startswith(says)
    assert str(error.value).endswith(": correct the trainer")


@pytest.mark.parametrize(
    ("targets", "says"),
    [
        (np.ones(200, int), "Data.targets: got type int64; expected float64, or texts for classes"),
        (np.ones((200, 1)), "Data.targets: got shape (160, 1); expected (160,)"),
        (np.full(200, np.inf), "Data.targets: 160 of 160 values are NaN or infinite"),
    ],
)
def test_targets_of_another_form_are_told_before_the_fit(targets, says):
    learner, data = made(REGRESSION)
    data.targets = lambda where: targets[where]
    with pytest.raises(TrainerFault) as error:
        fitting.split(data, learner, SETTINGS)
    assert str(error.value).startswith(says)
