"""The reference of rows of any trainer. The first trainer's tests hold its scores and its file."""

import numpy as np
import pytest

from kit.drift.reference import Reference


def made(seed, shift=0.0):
    return np.random.default_rng(seed).normal(shift, 1, (600, 3))


def test_features_of_any_names_are_compared_by_name():
    reference = Reference.from_json(Reference.of(made(1), ("age", "income", "balance")).to_json())

    assert list(reference.sketches) == ["age", "income", "balance"]
    assert reference.compare(made(2)).score < 0.1
    moved = made(3)
    moved[:, 1] += 3
    drift = reference.compare(moved)
    assert drift.psi.argmax() == 1
    assert drift.score > 0.2


def test_only_features_that_are_a_rows_ends_give_its_largest_value():
    rows = np.abs(made(1))

    assert Reference.of(rows, ("age", "income", "balance")).largest_amplitude == 0
    assert Reference.of(rows, ("maximum", "age", "minimum")).largest_amplitude == rows[:, [0, 2]].max()
    assert Reference.of(-rows, ("age", "income", "maximum")).largest_amplitude == rows[:, 2].max()


@pytest.mark.parametrize(
    ("column", "median"),
    [
        ([3.0], 3.0),
        ([4.0, 1.0], 1.0),
        ([5.0, 1.0, 2.0], 2.0),
        ([7.0] * 300, 7.0),
        ([0.0] * 150 + [1.0] * 149, 0.0),
        ([0.0] * 149 + [1.0] * 150, 1.0),
        (np.random.default_rng(4).permutation(999.0 + np.arange(1001)), 1499.0),
    ],
    ids=["one", "two", "three", "constant", "mostly low", "mostly high", "many"],
)
def test_a_feature_has_a_median_that_a_row_has(column, median):
    reference = Reference.of(np.array(column)[:, None], ("age",))
    assert reference.sketches["age"].median == median
    assert Reference.from_json(reference.to_json()).sketches["age"].median == median
