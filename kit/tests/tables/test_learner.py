"""A run learns from a table of either kind, by its groups, and stores answers by the names of columns."""

import json
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from kit.contract.own_settings import own_settings
from kit.learning.space import Range, Space
from kit.registry.kind import answer_of, predictor_of
from kit.tables.data import NAME
from kit.tables.learner import table_learner
from kit.tables.settings import TableSettings
from kit.training import fitting, settings
from kit.training.artifacts.expectations import write_expectations
from kit.training.tasks import CLASSIFICATION, REGRESSION

SPACE = Space.of("linear", {"strength": Range(0.1, 10, 0.01, 100, log=True)})


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The settings of a run on a table."""

    trainer_settings: TableSettings = own_settings(TableSettings)


def classifier(parameters, seed):
    """Logistic regression."""
    return [("scale", StandardScaler()), ("last", LogisticRegression(C=parameters["strength"]))]


def regressor(parameters, seed):
    """Ridge regression."""
    return [("scale", StandardScaler()), ("last", Ridge(parameters["strength"]))]


@pytest.fixture
def folder(tmp_path):
    """300 rows of 100 customers: a class, and a price."""
    rows = np.random.default_rng(0).normal(size=(300, 2)).round(3)
    lines = ["alcohol,label,price,customer,ash"]
    for number, (alcohol, ash) in enumerate(rows.tolist()):
        label, price = "red" if alcohol > 0 else "white", 3 * alcohol + ash
        lines.append(f"{alcohol},{label},{price},no. {number // 3},{ash}")
    (tmp_path / NAME).write_text("\n".join(lines))
    return tmp_path


@pytest.fixture
def run(folder):
    """The learner, the data and the fitted model of a run."""

    def of(task, steps, threads, **own):
        variables = {
            "REGISTER": "false", "DATA_DIR": str(folder), "TRIALS": "2", "THREADS": str(threads),
            "TRAINER_SETTINGS": json.dumps(own),
        }  # fmt: skip
        given = Settings.from_environment(variables)
        learner = table_learner(given, task, SPACE, steps, title="Wines", word="wine")
        data = learner.read()
        return learner, data, fitting.fit(data, fitting.split(data, learner, given), learner, given)

    return of


@pytest.mark.parametrize(
    ("task", "steps", "target"), [(CLASSIFICATION, classifier, "label"), (REGRESSION, regressor, "price")]
)
def test_both_kinds_learn_from_a_table_in_one_way(folder, run, tmp_path, task, steps, target):
    dropped = {"label": "price", "price": "label"}[target]
    table = [line.split(",") for line in (folder / NAME).read_text().splitlines()]
    left_out = table[0].index(dropped)
    (folder / NAME).write_text("\n".join(",".join(np.delete(line, left_out)) for line in table))

    learner, data, trained = run(task, steps, 2, target=target, group="customer")

    assert run(task, steps, 1, target=target, group="customer")[2].sha256 == trained.sha256
    assert (learner.words, trained.split.told()) == ("wines", "in blocks of 1 customer")
    assert list(trained.claimed) in (["randomSplitMacroF1"], ["randomSplitRmse"])
    assert list(trained.reference.sketches) == list(learner.columns(data)) == ["alcohol", "ash"]
    result = trained.scores.as_result()
    assert result["macroF1"] > 0.9 if task is CLASSIFICATION else result["rmse"] < 0.2
    write_expectations(trained, data, learner, tmp_path)
    one, many = json.loads((tmp_path / "expectations.json").read_text())["requests"]
    assert list(one["body"]["row"]) == ["alcohol", "ash"]
    rows = learner.rows.from_json(trained.pipeline, many["body"]["rows"])
    predicted = predictor_of(trained.pipeline)(rows)
    told = [answer_of(trained.classes, outputs) for outputs in predicted.tolist()]
    assert told == many["answer"]["predictions"]
