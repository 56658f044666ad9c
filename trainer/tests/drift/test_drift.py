"""The sketch of the training data, and its distance to other traces."""

import hashlib
import json

import numpy as np
import pytest

from kit.drift.reference import NEWEST, Reference
from kit.drift.sketch import LEVELS
from seismic.data.survey import Survey
from seismic.learning.features import FEATURE_NAMES, TraceFeatures, featurise_survey

NAMES = FEATURE_NAMES[:8]


def made(rows, seed=1):
    """Features of synthetic traces: a frequency of few values, counts, a constant mean, and amplitudes."""
    generator = np.random.default_rng(seed)
    features = generator.normal(0, 100, (rows, 8))
    features[:, NAMES.index("mean")] = 1 / 3
    frequencies = generator.choice([10.1, 20.2, 30.3], rows, p=[0.7, 0.2, 0.1])
    features[:, NAMES.index("dominant_frequency")] = frequencies
    features[:, NAMES.index("zero_crossings")] = generator.poisson(4, rows)
    return features


@pytest.fixture(scope="module")
def reference():
    return Reference.of(made(8000), NAMES)


@pytest.fixture(scope="module")
def demo(demo_folder):
    """A survey, its features' transformer, and the reference of every trace."""
    survey = Survey.open(demo_folder)
    transformer = TraceFeatures(interval_us=survey.interval_us).fit(survey.read(np.arange(survey.n_traces)))
    features = featurise_survey(survey, transformer)
    return survey, transformer, Reference.of(features, transformer.get_feature_names_out())


def test_what_is_written_is_read(reference):
    text = reference.to_json()
    read = Reference.from_json(text)
    assert read.to_json() == text
    assert len(text) < 150_000 * len(NAMES) / len(FEATURE_NAMES)
    assert (list(read.sketches), read.traces, read.largest_amplitude) == (
        list(NAMES), 8000, reference.largest_amplitude,
    )  # fmt: skip
    window = made(500, seed=2)
    np.testing.assert_array_equal(read.compare(window).psi, reference.compare(window).psi)


def test_the_same_features_give_the_same_text():
    def digest(seed):
        return hashlib.sha256(Reference.of(made(3000, seed), NAMES).to_json().encode()).hexdigest()

    assert digest(1) == digest(1) != digest(2)


def test_a_sketch_has_the_quantiles_and_counts_of_the_data(reference):
    features = made(8000)
    sketch = reference.sketches["std"]
    column = features[:, NAMES.index("std")]
    assert sketch.values.size == LEVELS
    assert (sketch.values[0], sketch.values[-1]) == (column.min(), column.max())
    assert sketch.up_to.tolist() == [int((column <= value).sum()) for value in sketch.values]
    np.testing.assert_allclose(sketch.shares[1:-1], 1 / 8)
    ends = features[:, [NAMES.index("minimum"), NAMES.index("maximum")]]
    assert reference.largest_amplitude == np.abs(ends).max()


@pytest.mark.parametrize("rows", [128, 500, 2048])
def test_the_same_distribution_is_no_drift_ties_and_constants_included(reference, rows):
    for seed in range(2, 12):
        drift = reference.compare(made(rows, seed))
        assert drift.score < 0.1
        # Kolmogorov's law: one in 3,000 samples without drift is beyond 2.1 / sqrt(rows).
        assert drift.ks.max() < 2.1 / min(rows, NEWEST) ** 0.5
        assert drift.psi[NAMES.index("mean")] < 0.01
        assert drift.ks[NAMES.index("mean")] == 0


def test_levels_with_the_same_value_share_a_bin(reference):
    few = reference.sketches["dominant_frequency"]
    assert few.values.tolist() == [10.1, 20.2, 30.3]
    np.testing.assert_allclose(few.shares, [0, 0.7, 0.2, 0.1, 0], atol=0.02)
    constant = reference.sketches["mean"]
    assert (constant.values.tolist(), constant.shares.tolist()) == ([1 / 3], [0, 1, 0])


@pytest.mark.parametrize("moved", [np.nextafter(1 / 3, 0), np.nextafter(1 / 3, 1), -5.0, 5.0])
def test_a_constant_that_is_another_one_is_drift_in_either_direction(reference, moved):
    window = made(200, seed=3)
    window[:, NAMES.index("mean")] = moved
    drift = reference.compare(window)
    assert drift.psi[NAMES.index("mean")] > 3
    assert drift.ks[NAMES.index("mean")] == 1
    assert drift.score > 0.5


def test_a_value_below_all_of_a_few_is_seen(reference):
    window = made(200, seed=3)
    window[:, NAMES.index("dominant_frequency")] = 5.0
    assert reference.compare(window).psi[NAMES.index("dominant_frequency")] > 3


def changed(survey, name):
    traces = survey.read(np.arange(survey.n_traces))
    loudness = float(np.sqrt((traces.astype(float) ** 2).mean()))
    noise = np.random.default_rng(1).normal(0, loudness / 2, traces.shape)
    return {
        "same": lambda: traces,
        "twice": lambda: traces * 2,
        "half": lambda: traces / 2,
        "noise": lambda: traces + noise.astype(np.float32),
        "shift": lambda: traces + np.float32(loudness / 2),
        "low": lambda: np.apply_along_axis(np.convolve, 1, traces, np.ones(9) / 9, "same").astype(np.float32),
    }[name]()


@pytest.mark.parametrize("name", ["twice", "half", "noise", "shift", "low"])
def test_other_recordings_are_drift_in_any_window(demo, name):
    survey, transformer, reference = demo
    features = transformer.transform(changed(survey, name))
    same = transformer.transform(changed(survey, "same"))
    mixed = np.random.default_rng(2).permutation(len(features))
    for rows in (128, 512, 2048):
        assert reference.compare(features[mixed[:rows]]).score > 0.5
        assert reference.compare(features[:rows]).score > 0.5
    late = same[:2048].copy()
    late[-500:] = features[1548:2048]
    assert reference.compare(late).score > 0.5


@pytest.mark.parametrize("rows", [128, 300, 512, 1500, 2048])
def test_the_survey_itself_is_none_at_random_or_line_by_line(demo, rows):
    survey, transformer, reference = demo
    features = transformer.transform(changed(survey, "same"))
    for start in range(0, len(features) - rows + 1, 97):
        assert reference.compare(features[start : start + rows]).score < 0.1
    for seed in range(10):
        chosen = np.random.default_rng(seed).permutation(len(features))[:rows]
        assert reference.compare(features[chosen]).score < 0.1


@pytest.mark.parametrize(("share", "counted"), [(1.4, False), (1.6, True)])
def test_only_what_neighbours_do_not_explain_counts(reference, share, counted):
    window = made(400, seed=3) + 40
    psi = reference.compare(window).psi
    content = json.loads(reference.to_json())
    for name, index in zip(NAMES, psi, strict=True):
        content["features"][name]["local"] = [index / share] * len(reference.local_rows)
    drift = Reference.from_json(json.dumps(content)).compare(window)
    np.testing.assert_array_equal(drift.psi, psi)
    assert (drift.score > 0) == counted


def test_a_pause_follows_each_feature(reference):
    pauses = []
    reference.compare(made(128), lambda: pauses.append(1))
    assert len(pauses) == len(NAMES)


@pytest.mark.parametrize("rows", [1, 5, 130])
def test_a_small_survey_has_a_reference_too(rows):
    reference = Reference.of(made(rows), NAMES)
    assert Reference.from_json(reference.to_json()).to_json() == reference.to_json()
    assert np.isfinite(reference.compare(made(600, seed=4)).score)


def test_features_that_are_not_finite_are_refused():
    features = made(50)
    features[3, 4] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        Reference.of(features, NAMES)


def of_feature(**changes):
    return lambda content: content["features"]["std"].update(changes)


BROKEN = [
    (lambda content: content.update(version=2), "version: got 2; expected 1"),
    (lambda content: content.pop("version"), "version: got None"),
    (lambda content: content.update(more=1), "got features, .*more.* expected features"),
    (lambda content: content.pop("traces"), "expected features"),
    (lambda content: content.update(traces=0), "traces: expected a whole number"),
    (lambda content: content.update(traces=True), "traces: expected a whole number"),
    (lambda content: content.update(largest_amplitude=-1), "largest_amplitude: "),
    (lambda content: content.update(largest_amplitude="1"), "largest_amplitude: expected finite numbers"),
    (lambda content: content.update(local_rows=[512, 128]), "local_rows: expected ascending sizes"),
    (lambda content: content.update(local_rows=[]), "local_rows: "),
    (lambda content: content.update(features=[]), "features: expected an object"),
    (lambda content: content.update(features={}), "features: expected an object"),
    (lambda content: content["features"].update(std=3), "features.std: expected values, up_to and local"),
    (of_feature(values=[]), "features.std.values: expected ascending"),
    (of_feature(values=[2, 1], up_to=[1, 8000]), "features.std.values: expected ascending"),
    (of_feature(values=[1, float("nan")]), "features.std.values: expected finite"),
    (of_feature(values=[[1]]), "features.std.values: expected finite"),
    (of_feature(up_to=[8000]), "features.std.up_to: "),
    (of_feature(values=[1, 2], up_to=[5, 7999]), "features.std.up_to: expected ascending counts up to 8000"),
    (of_feature(values=[1, 2], up_to=[5, 5, 8000]), "features.std.up_to: "),
    (of_feature(local=[0]), "features.std.local: "),
    (of_feature(local=[0, 0, 0, 0, -1]), "features.std.local: "),
    (of_feature(extra=1), "features.std: expected values, up_to and local"),
]


@pytest.mark.parametrize(("spoil", "message"), BROKEN)
def test_nothing_is_taken_as_nearly_right(reference, spoil, message):
    content = json.loads(reference.to_json())
    spoil(content)
    with pytest.raises(ValueError, match=message):
        Reference.from_json(json.dumps(content))


@pytest.mark.parametrize("text", ["", "no", "[]", "null", "3"])
def test_what_is_no_reference_at_all_is_refused(text):
    with pytest.raises(ValueError, match=r"version: got|Expecting value"):
        Reference.from_json(text)
