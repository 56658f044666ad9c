import re

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from kit.learning import splits, tuning
from kit.learning.space import Choice, Range, Space

SPACE = Space(
    {
        "line": {"C": Range(1e-2, 1e2, 1e-9, 1e9, log=True), "class_weight": Choice(("none", "balanced"))},
        "tree": {"depth": Range(1, 4, 1, 50, whole=True)},
    },
    ({"model": "tree", "depth": 2}, {"model": "line", "C": 1.0, "class_weight": "none"}),
    "model",
)
FIXED = {"model": "line", "class_weight": "none", "C": 1.0}


def steps(parameters, seed):
    if parameters["model"] == "tree":
        return [("tree", DecisionTreeClassifier(max_depth=parameters["depth"], random_state=seed))]
    weight = None if parameters["class_weight"] == "none" else "balanced"
    return [("scale", StandardScaler()), ("line", LogisticRegression(C=parameters["C"], class_weight=weight))]


def macro_f1(true, predicted):
    return f1_score(true, predicted, average="macro", zero_division=0)


@pytest.fixture(scope="module")
def task():
    generator = np.random.default_rng(0)
    features = generator.normal(size=(400, 6))
    labels = np.array(["anomaly", "boundary", "normal"])[np.digitize(features[:, 0], [-0.5, 0.8])]
    split = splits.Split(np.arange(400), np.array([], int), np.repeat(np.arange(10), 40))
    return features, labels, splits.folds(labels, split)


def tune(task, threads=1, **changes):
    settings = {
        "seed": 7,
        "trials": 6,
        "time_budget": 600,
        "fixed": {},
        "on_trial": lambda *_: None,
        "space": SPACE,
        "steps": steps,
        "score": macro_f1,
        "higher": True,
    } | changes
    with tuning.fitting_pool(threads) as pool:
        return tuning.tune(*task, pool=pool, **settings)


def test_both_kinds_are_tried_and_the_best_is_taken(task):
    seen = []
    tuned = tune(task, on_trial=lambda done, total, note: seen.append((done, total)))
    assert {kind for _, kind, _ in tuned.history} == set(SPACE.kinds)
    assert tuned.score == max(score for *_, score in tuned.history) > 0.8
    assert seen == [(done, 6) for done in range(1, 7)]
    assert (tuned.requested, tuned.cut_short) == (6, False)


def test_the_search_depends_on_the_seed_and_not_on_threads(task):
    # With so many trials, the later ones learn from the earlier ones.
    one = tune(task, trials=12)
    assert tune(task, threads=2, trials=12) == one
    assert tune(task, seed=8, trials=12).history != one.history


def test_a_trial_is_scored_by_the_mean_of_its_folds(task):
    features, labels, folds = task
    model = make_pipeline(*(step for _, step in steps(FIXED, 7)))
    scores = cross_val_score(model, features, labels, cv=folds, scoring="f1_macro")
    assert len(set(scores)) == 3
    assert tune(task, fixed=FIXED).score == pytest.approx(scores.mean())


def test_fixed_parameters_stay_and_the_others_are_searched(task):
    tuned = tune(task, fixed={"model": "line", "C": 0.5}, trials=4)
    assert tuned.parameters["C"] == 0.5
    assert {kind for _, kind, _ in tuned.history} == {"line"}
    assert len(tuned.history) == 4


def test_nothing_to_search_is_one_trial(task):
    tuned = tune(task, fixed=FIXED)
    assert tuned.parameters == FIXED
    assert len(tuned.history) == 1
    assert not tuned.cut_short


def test_the_time_budget_ends_the_search_and_that_is_told(task):
    tuned = tune(task, time_budget=1e-6)
    assert tuned.cut_short
    assert 1 <= len(tuned.history) <= tuning.BATCH
    assert tuned.parameters


def test_a_figure_whose_lower_values_are_better(task):
    features, _, folds = task
    space = Space.of("tree", {"depth": Range(1, 6, 1, 50, whole=True)}, {"depth": 1})

    def regressor(parameters, seed):
        return [("tree", DecisionTreeRegressor(max_depth=parameters["depth"], random_state=seed))]

    def mean_error(true, predicted):
        return float(np.abs(true - predicted).mean())

    tuned = tune(
        (features, features[:, 0] ** 2, folds), space=space, steps=regressor, score=mean_error, higher=False
    )
    assert tuned.score == min(score for *_, score in tuned.history)
    assert tuned.parameters["depth"] > 1
    assert {kind for _, kind, _ in tuned.history} == {"tree"}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"model": "forest"}, "model: got 'forest'; allowed: line, tree"),
        ({"depth": 2.5}, "depth: got 2.5; expected a whole number from 1 to 50"),
        ({"C": True}, "C: got True; expected a number from"),
        ({"class_weight": 1}, "class_weight: got 1; allowed: none, balanced"),
        ({"width": 1}, "width: no parameter of any model; allowed: C, class_weight, depth"),
        ({"model": "tree", "C": 1}, "C: no parameter of tree; allowed: depth"),
    ],
)
def test_a_wrong_parameter_is_named(values, says):
    with pytest.raises(ValueError, match=f"^{re.escape(says)}"):
        SPACE.check(values)


def test_a_space_of_one_kind_has_no_parameter_that_chooses():
    space = Space.of("tree", {"depth": Range(1, 4, 1, 50, whole=True)})
    with pytest.raises(ValueError, match=r"^classifier: no parameter; allowed: depth$"):
        space.check({"classifier": "tree"})
    assert space.leaves_nothing({"depth": 3})
    assert not space.leaves_nothing({})
