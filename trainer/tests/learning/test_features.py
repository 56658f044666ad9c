import pickle
import tracemalloc

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from seismic.data.survey import Survey
from seismic.learning.features import (
    FEATURE_NAMES,
    LONGEST_EXACT,
    TraceFeatures,
    featurise_survey,
    fit_survey,
)
from seismic.learning.handcrafted import handcrafted


@pytest.fixture(scope="module")
def traces():
    rng = np.random.default_rng(2)
    mixing = rng.normal(0, 1, (90, 90)) * np.linspace(3, 0.1, 90)[:, None]
    return (rng.normal(0, 1, (3000, 90)) @ mixing + 5).astype(np.float32)


def test_names():
    assert FEATURE_NAMES[:8] == (
        "mean", "std", "minimum", "maximum", "rms", "dominant_frequency", "energy", "zero_crossings",
    )  # fmt: skip
    assert FEATURE_NAMES[8:] == tuple(f"pca_{number}" for number in range(1, 33))


def test_handcrafted_features_of_a_trace_by_hand():
    found = handcrafted(np.array([[3, -1, 0, -2, 4, 2]], dtype=np.float32), 4000)
    assert found.dtype == np.float64
    mean, std, minimum, maximum, rms, _, energy, crossings = found[0]
    assert (mean, minimum, maximum, energy, crossings) == (1, -2, 4, 34, 4)
    assert std == pytest.approx((34 / 6 - 1) ** 0.5, rel=1e-14)
    assert rms == pytest.approx((34 / 6) ** 0.5, rel=1e-14)


@pytest.mark.parametrize("interval_us", [1000, 4000])
@pytest.mark.parametrize("samples", [100, 461, 462])
def test_dominant_frequency_is_in_hertz_and_ignores_the_mean(interval_us, samples):
    bins = np.array([1, 7, samples // 2 - 1])
    angle = 2 * np.pi * np.arange(samples) / samples
    waves = 1000 + np.sin(bins[:, None] * angle) + 0.1 * np.sin(3 * angle)
    found = handcrafted(waves.astype(np.float32), interval_us)[:, 5]
    np.testing.assert_allclose(found, bins * 1e6 / (samples * interval_us), rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1, 1e30])
def test_any_scaling(scale):
    trace = (np.sin(np.arange(64) * np.pi / 4) * scale).astype(np.float32)[None]
    found = handcrafted(trace, 4000)[0]
    assert found[5] == pytest.approx(31.25)
    assert found[6] == pytest.approx(32 * scale**2, rel=1e-5)
    assert found[4] == pytest.approx(scale / 2**0.5, rel=1e-5)


def test_dead_traces_and_single_samples_have_finite_features():
    assert handcrafted(np.zeros((2, 10), dtype=np.float32), 4000).tolist() == [[0.0] * 8] * 2
    assert handcrafted(np.full((1, 1), 3, dtype=np.float32), 4000).tolist() == [[3, 0, 3, 3, 3, 0, 9, 0]]
    assert handcrafted(np.zeros((0, 10), dtype=np.float32), 4000).shape == (0, 8)


def test_the_components_are_those_of_an_exact_pca(traces):
    ours = TraceFeatures().fit(traces)
    theirs = PCA(32, svd_solver="full").fit(traces.astype(np.float64))
    np.testing.assert_allclose(ours.mean_, theirs.mean_, rtol=1e-10)
    np.testing.assert_allclose(ours.explained_variance_ratio_, theirs.explained_variance_ratio_, rtol=1e-9)
    sign = np.sign((ours.components_ * theirs.components_).sum(axis=1))
    np.testing.assert_allclose(ours.components_, theirs.components_ * sign[:, None], atol=1e-8)
    expected = theirs.transform(traces.astype(np.float64)) * sign
    np.testing.assert_allclose(ours.transform(traces)[:, 8:], expected, atol=1e-6)


def test_transform_puts_both_kinds_side_by_side(traces):
    transformer = TraceFeatures(interval_us=2000).fit(traces)
    features = transformer.transform(traces)
    assert features.shape == (3000, 40)
    assert features.dtype == np.float64
    np.testing.assert_array_equal(features[:, :8], handcrafted(traces, 2000))
    assert tuple(transformer.get_feature_names_out()) == FEATURE_NAMES


def test_signs_do_not_depend_on_chance(traces):
    components = TraceFeatures().fit(traces).components_
    largest = np.abs(components).argmax(axis=1)
    assert np.all(components[np.arange(32), largest] > 0)


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("size", [1, 100, 1024, 1500, 5000])
def test_a_fit_is_the_same_to_the_bit_for_any_chunks_and_threads(traces, workers, size):
    whole = TraceFeatures().fit_chunks([traces], workers=1)
    chunks = (traces[start : start + size] for start in range(0, len(traces), size))
    found = TraceFeatures().fit_chunks(chunks, workers=workers)
    np.testing.assert_array_equal(found.components_, whole.components_)
    np.testing.assert_array_equal(found.mean_, whole.mean_)
    np.testing.assert_array_equal(found.explained_variance_ratio_, whole.explained_variance_ratio_)


@pytest.mark.parametrize("samples", [5, 90, 462, 1001])
def test_a_trace_has_the_same_features_alone_and_among_others(samples):
    rng = np.random.default_rng(8)
    traces = rng.normal(0, 1000, (600, samples)).astype(np.float32)
    transformer = TraceFeatures().fit(traces)
    whole = transformer.transform(traces)
    for size in (1, 3, 16, 17, 64, 300):
        for start in (0, 1, 250, 300):
            part = slice(start, start + size)
            np.testing.assert_array_equal(transformer.transform(traces[part]), whole[part])
    with threadpool_limits(1):
        np.testing.assert_array_equal(transformer.transform(traces), whole)
    for other in (np.asfortranarray(traces), traces.astype(np.float64), traces.tolist()):
        np.testing.assert_array_equal(transformer.transform(other), whole)


def continuous(samples, count=300):
    """Long traces of a few frequencies in noise."""
    rng = np.random.default_rng(11)
    waves = np.sin(np.arange(samples) * np.array([0.01, 0.04, 0.11])[:, None])
    return (rng.normal(0, 100, (count, 3)) @ waves + rng.normal(0, 1, (count, samples))).astype(np.float32)


def test_the_components_of_long_traces_are_nearly_those_of_an_exact_pca():
    traces = continuous(LONGEST_EXACT + 1)
    ours = TraceFeatures(3).fit(traces)
    theirs = PCA(3, svd_solver="full").fit(traces.astype(np.float64))
    np.testing.assert_allclose(ours.mean_, theirs.mean_, atol=1e-9)
    np.testing.assert_allclose(ours.explained_variance_ratio_, theirs.explained_variance_ratio_, rtol=1e-3)
    np.testing.assert_allclose(np.abs((ours.components_ * theirs.components_).sum(axis=1)), 1, atol=1e-4)
    assert np.all(ours.components_[np.arange(3), np.abs(ours.components_).argmax(axis=1)] > 0)


@pytest.mark.parametrize(("workers", "size"), [(2, 77)])
def test_a_fit_of_long_traces_is_the_same_to_the_bit_for_any_chunks_and_threads(workers, size):
    traces = continuous(12_000, 400)
    whole = TraceFeatures(8).fit(traces)
    chunks = (traces[start : start + size] for start in range(0, len(traces), size))
    found = TraceFeatures(8).fit_chunks(chunks, workers)
    np.testing.assert_array_equal(found.components_, whole.components_)
    np.testing.assert_array_equal(found.mean_, whole.mean_)
    np.testing.assert_array_equal(found.transform(traces[5:22]), whole.transform(traces)[5:22])


def test_traces_of_sixty_thousand_samples_take_little_memory():
    traces = continuous(60_000, 66)
    tracemalloc.start()
    transformer = TraceFeatures().fit(traces)
    transformer.transform(traces)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # A covariance of them takes 29 GB; the traces themselves take 16 MB.
    assert peak < 400 << 20
    assert transformer.components_.shape == (32, 60_000)


def test_fewer_samples_or_traces_than_components():
    rng = np.random.default_rng(9)
    short = TraceFeatures().fit(rng.normal(0, 1, (50, 10)).astype(np.float32))
    assert short.transform(np.ones((2, 10), dtype=np.float32)).shape == (2, 18)
    assert len(short.get_feature_names_out()) == 18
    few = TraceFeatures().fit(rng.normal(0, 1, (4, 60)).astype(np.float32))
    assert few.components_.shape == (4, 60)
    np.testing.assert_allclose(few.components_ @ few.components_.T, np.eye(4), atol=1e-10)
    dead = TraceFeatures().fit(np.zeros((40, 40), dtype=np.float32))
    assert np.all(np.isfinite(dead.transform(np.ones((1, 40), dtype=np.float32))))


def test_wrong_input_is_refused(traces):
    transformer = TraceFeatures().fit(traces)
    with pytest.raises(ValueError, match=r"\(n, 90\), got \(2, 91\)"):
        transformer.transform(np.zeros((2, 91), dtype=np.float32))
    with pytest.raises(ValueError, match=r"got \(90,\)"):
        transformer.transform(traces[0])
    with pytest.raises(ValueError, match="no trace"):
        TraceFeatures().fit_chunks([])


def test_it_is_an_estimator(traces):
    transformer = TraceFeatures(n_components=3, interval_us=2000).fit(traces)
    assert clone(transformer).get_params() == {"n_components": 3, "interval_us": 2000}
    again = pickle.loads(pickle.dumps(transformer))
    np.testing.assert_array_equal(again.transform(traces[:5]), transformer.transform(traces[:5]))
    assert transformer.transform(traces[:5]).shape == (5, 11)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_a_survey_streams_to_the_same_features(demo_folder, workers):
    survey = Survey.open(demo_folder)
    where = (np.arange(survey.n_traces) % 3 > 0) & ~survey.dead
    traces = survey.read(np.flatnonzero(where))
    expected = TraceFeatures(interval_us=4000).fit(traces)
    found = fit_survey(survey, TraceFeatures(interval_us=4000), where, workers=workers)
    np.testing.assert_array_equal(found.components_, expected.components_)
    features = featurise_survey(survey, found, where, workers=workers)
    np.testing.assert_array_equal(features, expected.transform(traces))
    some = np.array([2000, 3, 3, 1999])
    np.testing.assert_array_equal(
        featurise_survey(survey, found, some, workers), expected.transform(survey.read(some))
    )


def test_an_error_in_a_thread_is_raised(demo_folder):
    survey = Survey.open(demo_folder)
    transformer = TraceFeatures().fit(np.zeros((40, 7), dtype=np.float32))
    with pytest.raises(ValueError, match=r"\(n, 7\)"):
        featurise_survey(survey, transformer, workers=2)
