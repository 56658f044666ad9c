import enum
import threading

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from kit.registry.fingerprint import model_sha256


def data(seed=0):
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(600, 8))
    labels = np.array(["anomaly", "boundary", "normal"])[
        np.digitize(features[:, 0] + features[:, 1], [-1, 1])
    ]
    return features, labels


def boosted(seed=0, **changes):
    model = HistGradientBoostingClassifier(max_iter=8, random_state=0, **changes)
    return make_pipeline(StandardScaler(), model).fit(*data(seed))


def test_the_same_fit_has_the_same_hash():
    assert model_sha256(boosted()) == model_sha256(boosted())
    assert len(model_sha256(boosted())) == 64


def test_the_number_of_threads_does_not_count():
    hashes = set()
    for threads in (1, 2):
        with threadpool_limits(threads):
            hashes.add(model_sha256(boosted()))
    assert len(hashes) == 1


@pytest.mark.parametrize(
    "other",
    [lambda: boosted(seed=1), lambda: boosted(learning_rate=0.2), lambda: boosted(l2_regularization=1e-9)],
    ids=["data", "what is learnt", "a parameter alone"],
)
def test_another_fit_has_another_hash(other):
    assert model_sha256(other()) != model_sha256(boosted())


@pytest.mark.parametrize("classifier", [HistGradientBoostingClassifier(max_iter=4), LogisticRegression()])
def test_the_hash_survives_saving_and_loading(classifier):
    model = make_pipeline(StandardScaler(), classifier).fit(*data())
    saved = skops.io.dumps(model)
    loaded = skops.io.loads(saved, trusted=skops.io.get_untrusted_types(data=saved))
    assert model_sha256(loaded) == model_sha256(model)


def test_predicting_does_not_change_the_hash():
    model = boosted()
    before = model_sha256(model)
    model.predict_proba(data(1)[0])
    assert model_sha256(model) == before


def test_padding_bytes_do_not_count():
    kind = np.dtype([("a", np.int8), ("b", np.float64)], align=True)
    one, two = np.zeros(3, kind), np.zeros(3, kind)
    two.view(np.uint8).reshape(3, -1)[:, 1:8] = 255  # the padding between a and b
    assert one.tobytes() != two.tobytes()
    assert model_sha256({"nodes": one}) == model_sha256({"nodes": two})
    two["b"][2] = 1
    assert model_sha256({"nodes": one}) != model_sha256({"nodes": two})


class Colour(enum.Enum):
    RED = 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.zeros(2, np.float32), np.zeros(2, np.int32)),
        (np.arange(6).reshape(2, 3), np.arange(6).reshape(3, 2).T),
        (["ab", "c"], ["a", "bc"]),
        ([["a"], "b"], [["a", "b"]]),
        ({"a": 1}, {"b": 1}),
        (True, 1),
        (1, 1.0),
        (0.1, 0.1 + 2**-55),
        (None, "None"),
        (b"a", "a"),
        (Colour.RED, "RED"),
        (np.array(["a", None], object), np.array(["a", "b"], object)),
        ({1, 2}, {1, 3}),
    ],
)
def test_different_values_have_different_hashes(one, two):
    assert model_sha256(one) != model_sha256(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (np.arange(6.0).reshape(2, 3), np.asfortranarray(np.arange(6.0).reshape(2, 3))),
        (np.arange(3, dtype="<i4"), np.arange(3, dtype=">i4")),
        (np.float64(0.5), 0.5),
        (np.int32(3), 3),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"b", "a"}, {"a", "b"}),
    ],
)
def test_equal_values_have_equal_hashes_however_they_lie_in_memory(one, two):
    assert model_sha256(one) == model_sha256(two)


def test_what_has_no_canonical_form_is_refused_by_its_path():
    with pytest.raises(TypeError, match=r"model\.step\.lock: no canonical form of _thread\.lock"):
        model_sha256({"step": {"lock": threading.Lock()}})


def test_a_circle_is_refused():
    circle = {}
    circle["self"] = circle
    with pytest.raises(TypeError, match=r"model\.self: refers back to itself"):
        model_sha256(circle)
