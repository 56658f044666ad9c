import logging

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from kit.serving.probabilities import stepwise
from seismic.inference import predictor, trees
from seismic.inference.compiled import check_equal, compile_pipeline, probes
from seismic.learning.features import TraceFeatures

from .conftest import INTERVAL_US, VARIABLES, served

# The classes have different sizes, so that the boosting's baseline is not 0.
COUNTS = (500, 300, 100)
COUNT = sum(COUNTS)
VERSION_4 = VARIABLES | {"MODEL_VERSION": "4"}


@pytest.fixture(scope="module")
def traces():
    generator = np.random.default_rng(8)
    loudness = np.repeat([1, 3, 9], COUNTS)[:, None]
    return (generator.standard_normal((COUNT, 60)) * loudness).astype(np.float32)


@pytest.fixture(scope="module")
def fit(traces):
    labels = np.repeat(["normal", "anomaly", "boundary"], COUNTS)
    # Partly wrong labels make the trees large.
    np.random.default_rng(9).shuffle(labels[::4])

    def fitted(classifier, scaler=None, labels=labels):
        steps = [
            ("features", TraceFeatures(n_components=8, interval_us=INTERVAL_US)),
            ("scale", scaler or StandardScaler()),
            ("classifier", classifier),
        ]
        return Pipeline(steps).fit(traces, labels)

    return fitted


def boosting(**parameters):
    return HistGradientBoostingClassifier(
        **{"max_iter": 20, "early_stopping": False, "random_state": 1, **parameters}
    )


@pytest.mark.parametrize(
    "classifier",
    [
        LogisticRegression(),
        boosting(),
        boosting(max_leaf_nodes=2),
        boosting(max_leaf_nodes=33, min_samples_leaf=2),  # words of 64 bits
        boosting(max_leaf_nodes=64, min_samples_leaf=1),
        boosting(min_samples_leaf=COUNT),  # trees of one leaf
        boosting(max_iter=1, max_bins=2),
    ],
    ids=lambda classifier: repr(classifier)[:60],
)
@pytest.mark.parametrize("rows", [1, 7, 300])
def test_a_compiled_pipeline_gives_what_the_pipeline_gives(fit, traces, classifier, rows):
    pipeline = fit(classifier)
    some = traces[:: COUNT // rows]

    found = compile_pipeline(pipeline)(some)

    assert found.dtype == np.float64
    np.testing.assert_allclose(found, pipeline.predict_proba(some), rtol=0, atol=1e-12)
    assert (pipeline.classes_[found.argmax(axis=1)] == pipeline.predict(some)).all()


def test_a_value_that_equals_a_threshold_goes_to_the_left_as_in_scikit_learn(fit):
    classifier = fit(boosting(max_leaf_nodes=31, min_samples_leaf=2))[-1]
    nodes = np.concatenate([tree.nodes for trees in classifier._predictors for tree in trees])
    splits = nodes[nodes["is_leaf"] == 0]
    generator = np.random.default_rng(4)
    columns = [splits["num_threshold"][splits["feature_idx"] == feature] for feature in range(16)]
    # Some features may be in no split.
    on = np.stack([generator.choice([*column, 0.0], 500) for column in columns], axis=1)

    for values in (on, np.nextafter(on, np.inf), np.nextafter(on, -np.inf)):
        np.testing.assert_allclose(
            trees.Trees(classifier).scores(values), classifier._raw_predict(values), rtol=0, atol=1e-12
        )


def test_one_wrong_leaf_is_found_whichever_it_is(fit, traces):
    pipeline = fit(boosting(max_iter=5, max_leaf_nodes=12))
    own = stepwise(fit(boosting(max_iter=5, max_leaf_nodes=12)))
    nodes = pipeline[-1]._predictors[3][1].nodes
    leaves = np.flatnonzero(nodes["is_leaf"])
    assert len(leaves) == 12

    for leaf in leaves:
        value = nodes["value"][leaf]
        nodes["value"][leaf] += 1e-6
        with pytest.raises(ValueError, match="differ by"):
            # The training data reach every leaf.
            check_equal(compile_pipeline(pipeline), own, traces)
        nodes["value"][leaf] = value
    check_equal(compile_pipeline(pipeline), own, traces)


def damage_leaf(nodes):
    nodes["value"][np.argmax(nodes["is_leaf"] * nodes["count"])] += 1e-6


def damage_threshold(nodes):
    nodes["num_threshold"][0] += 0.3


def damage_children(nodes):
    nodes["left"][0], nodes["right"][0] = nodes["right"][0], nodes["left"][0]


@pytest.mark.parametrize("damage", [damage_leaf, damage_threshold, damage_children])
def test_a_model_whose_compiled_form_is_wrong_is_served_by_the_pipeline(
    fit, traces, caplog, monkeypatch, damage
):
    pipeline, damaged = fit(boosting()), fit(boosting())
    damage(damaged[-1]._predictors[7][1].nodes)
    wrong = compile_pipeline(damaged)
    monkeypatch.setattr(predictor, "compile_pipeline", lambda pipeline: wrong)

    model = served(pipeline, VERSION_4)

    assert "its compiled probabilities differ by" in caplog.text
    assert (model.probabilities(traces) == pipeline.predict_proba(traces)).all()


def test_the_check_refuses_nan(fit):
    pipeline = fit(LogisticRegression())

    with pytest.raises(ValueError, match="differ by nan"):
        check_equal(lambda traces: own(traces) * np.nan, own := stepwise(pipeline), probes(pipeline))


class Loud(LogisticRegression):
    """Another team's classifier."""


@pytest.mark.parametrize(
    ("classifier", "scaler", "reason"),
    [
        (RandomForestClassifier(5, random_state=1), None, "its classifier is a RandomForestClassifier"),
        (Loud(), None, "its classifier is a Loud"),
        (LogisticRegression(max_iter=2000), StandardScaler(with_mean=False), "not both centre and scale"),
        (LogisticRegression(), MinMaxScaler(), "its steps are TraceFeatures, MinMaxScaler, LogisticRegr"),
        (boosting(max_leaf_nodes=65, min_samples_leaf=1), None, "trees of 65 leaves, at most 64 can be"),
        (boosting(categorical_features=[5], max_iter=3), None, "categorical features"),
    ],
)
def test_another_pipeline_is_served_by_itself_and_the_log_says_so(
    fit, traces, caplog, classifier, scaler, reason
):
    pipeline = fit(classifier, scaler)

    with caplog.at_level(logging.WARNING, "serving"):
        model = served(pipeline, VERSION_4)

    assert len(caplog.records) == 1
    assert "Seismic version 4 is served by scikit-learn" in caplog.text
    assert reason in caplog.text
    assert (model.probabilities(traces) == pipeline.predict_proba(traces)).all()


@pytest.mark.parametrize(
    "classifier", [LogisticRegression(max_iter=500), boosting()], ids=["logistic", "trees"]
)
@pytest.mark.parametrize("count", [2, 3, 5, 12])
def test_any_number_of_classes_is_compiled(fit, traces, caplog, classifier, count):
    labels = np.array([f"class {number % count:02}" for number in np.arange(COUNT) * count // COUNT])
    # Partly wrong labels, so that no probability is simply 0 or 1.
    np.random.default_rng(9).shuffle(labels[::3])
    pipeline = fit(classifier, labels=labels)

    model = served(pipeline, VERSION_4)

    assert not caplog.records
    assert model.probabilities.__qualname__ == "compile_pipeline.<locals>.probabilities"
    assert model.task.facts.classes == np.unique(labels).tolist()
    found, expected = model.probabilities(traces), pipeline.predict_proba(traces)
    assert found.shape == (COUNT, count)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    assert len(np.unique(expected.argmax(axis=1))) == count


def test_a_table_beyond_its_limit_is_not_made(fit, monkeypatch):
    monkeypatch.setattr(trees, "MOST_BYTES", 1 << 10)

    with pytest.raises(ValueError, match="its table would take"):
        compile_pipeline(fit(boosting()))


def test_one_setting_has_scikit_learn_predict(fit, traces, caplog):
    pipeline = fit(boosting())

    model = served(pipeline, VERSION_4 | {"TRAINER_SETTINGS": '{"compiledInference": false}'})

    assert not caplog.records
    assert model.probabilities.__qualname__ == "stepwise.<locals>.probabilities"
    assert (model.probabilities(traces) == pipeline.predict_proba(traces)).all()


def test_the_trainers_pipeline_is_compiled_without_a_word(fit, caplog):
    pipeline = fit(boosting())

    model = served(pipeline, VERSION_4)

    assert not caplog.records
    assert model.probabilities.__qualname__ == "compile_pipeline.<locals>.probabilities"
