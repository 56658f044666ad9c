import numpy as np
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seismic.learning import classifiers, splits, tuning


@pytest.fixture(scope="module")
def task():
    generator = np.random.default_rng(0)
    features = generator.normal(size=(400, 6))
    labels = np.array(["anomaly", "boundary", "normal"])[np.digitize(features[:, 0], [-0.5, 0.8])]
    return features, labels, splits.folds(labels, np.repeat(np.arange(10), 40))


def tune(task, threads=1, **changes):
    settings = {
        "seed": 7,
        "trials": 6,
        "time_budget": 600,
        "fixed": {},
        "on_trial": lambda *_: None,
    } | changes
    with tuning.fitting_pool(threads) as pool:
        return tuning.tune(*task, pool=pool, **settings)


def test_both_classifiers_are_tried_and_the_best_is_taken(task):
    seen = []
    tuned = tune(task, on_trial=lambda done, total, note: seen.append((done, total)))
    assert {classifier for _, classifier, _ in tuned.history} == set(classifiers.SPACE)
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
    fixed = {"classifier": "logistic_regression", "class_weight": "none", "C": 1.0, "max_iter": 50}
    model = make_pipeline(StandardScaler(), classifiers.make_classifier(fixed, 7))
    scores = cross_val_score(model, features, labels, cv=folds, scoring="f1_macro")
    assert len(set(scores)) == 3
    assert tune(task, fixed=fixed).score == pytest.approx(scores.mean())


def test_fixed_parameters_stay_and_the_others_are_searched(task):
    tuned = tune(task, fixed={"classifier": "logistic_regression", "C": 0.5}, trials=4)
    assert tuned.parameters["C"] == 0.5
    assert {classifier for _, classifier, _ in tuned.history} == {"logistic_regression"}
    assert len(tuned.history) == 4


def test_nothing_to_search_is_one_trial(task):
    fixed = {"classifier": "logistic_regression", "class_weight": "none", "C": 1.0, "max_iter": 50}
    tuned = tune(task, fixed=fixed)
    assert tuned.parameters == fixed
    assert len(tuned.history) == 1
    assert not tuned.cut_short


def test_the_time_budget_ends_the_search_and_that_is_told(task):
    tuned = tune(task, time_budget=1e-6)
    assert tuned.cut_short
    assert 1 <= len(tuned.history) <= tuning.BATCH
    assert tuned.parameters


def test_every_start_lies_in_the_space():
    for start in classifiers.STARTS:
        classifiers.check_fixed(start)
        for name, span in classifiers.SPACE[start["classifier"]].items():
            if isinstance(span, classifiers.Range):
                assert span.low <= start[name] <= span.high
