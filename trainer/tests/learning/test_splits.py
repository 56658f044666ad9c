from types import SimpleNamespace

import numpy as np
import pytest

from seismic.data.survey import SurveyError
from seismic.demo.geology import CLASSES
from seismic.learning import splits


def survey(labels, lines, kind="3D"):
    """Lines of equal length. `labels` has a code for each trace."""
    labels = np.asarray(labels, dtype=np.int8)
    count = labels.size
    number = {
        "inline": np.repeat(np.arange(lines), count // lines),
        "crossline": np.tile(np.arange(count // lines), lines),
        "trace": np.arange(count),
    }

    def blocks(size, unit):
        return number[unit] // size

    return SimpleNamespace(
        labels=labels,
        n_traces=count,
        geometry_kind=kind,
        blocks=blocks,
        usable=np.ones(count, bool),
    )


def split(made, seed=7):
    return splits.split_survey(made, splits.usable_traces(made), CLASSES, seed)


def mixed(count, seed=0):
    return np.random.default_rng(seed).integers(0, 3, count)


def test_whole_blocks_are_held_out_about_a_fifth_with_each_class():
    made = survey(mixed(4000), lines=100)
    parts = split(made)
    assert (parts.block_size, parts.unit) == (8, "inline")
    assert not set(parts.blocks[parts.train]) & set(parts.blocks[parts.hold_out])
    assert 0.15 < parts.hold_out.size / 4000 < 0.25
    assert set(made.labels[parts.hold_out]) == set(made.labels[parts.train]) == {0, 1, 2}
    assert sorted([*parts.train, *parts.hold_out]) == list(range(4000))


def test_the_seed_chooses_the_blocks():
    made = survey(mixed(4000), lines=100)
    one, again, other = split(made, 7), split(made, 7), split(made, 8)
    assert np.array_equal(one.hold_out, again.hold_out)
    assert not np.array_equal(one.hold_out, other.hold_out)


def test_a_rare_class_is_on_both_sides():
    labels = np.zeros(4000, int)
    labels[[10, 2000]] = 1
    made = survey(labels, lines=100)
    for seed in range(5):
        parts = split(made, seed)
        assert (made.labels[parts.hold_out] == 1).sum() == 1


def test_small_surveys_get_smaller_blocks():
    assert split(survey(mixed(1000), lines=20)).block_size == 2
    line = split(survey(mixed(2000), lines=1, kind="2D"))
    assert (line.block_size, line.unit) == (128, "trace")


def test_a_swath_of_few_inlines_is_cut_along_its_crosslines():
    parts = split(survey(mixed(800), lines=8))
    assert (parts.block_size, parts.unit) == (8, "crossline")
    assert 0.1 < parts.hold_out.size / 800 < 0.3


def test_a_short_line_is_cut_as_finely_as_can_be(caplog):
    assert split(survey(mixed(108), lines=1, kind="2D")).block_size == 16
    assert "only 7 blocks of 16 traces: figures on the hold-out are rough" in caplog.text


def test_a_class_that_clusters_makes_blocks_smaller():
    labels = np.zeros(4000, int)
    labels[:320] = 1  # the first 8 of 100 lines: one block of 8, two of 4
    assert split(survey(labels, lines=100)).block_size == 4


def test_unlabelled_and_unusable_traces_are_left_out():
    made = survey(mixed(4000), lines=100)
    made.labels[0], made.usable[1:3] = -1, False
    assert splits.usable_traces(made)[0] == 3


@pytest.mark.parametrize(
    ("labels", "lines", "says"),
    [
        (
            np.full(4000, -1),
            100,
            "labels: 0 of 4000 traces are labelled and usable: training needs at least 100",
        ),
        (np.zeros(4000, int), 100, "labels: all labelled traces are of one class"),
        (
            np.repeat([0, 1, 2], [3000, 999, 1]),
            100,
            "labels: of 13 blocks of 8 inlines, only one has traces of class boundary: it cannot be both",
        ),
    ],
    ids=["no labels", "one class", "a class in one place"],
)
def test_what_cannot_be_split_is_told(labels, lines, says):
    with pytest.raises(SurveyError) as error:
        split(survey(labels, lines))
    assert says in str(error.value)


def test_what_cannot_be_split_of_a_line_is_told_in_traces():
    made = survey(np.repeat([0, 1], [200, 8]), 1, kind="2D")
    with pytest.raises(SurveyError, match="of 13 blocks of 16 traces, only one has traces of class anomaly"):
        split(made)


def test_the_description_names_the_held_out_traces():
    made = survey(mixed(4000), lines=100)
    parts = split(made)
    described = parts.describe({})
    traces = np.concatenate([np.arange(first, last + 1) for first, last in described["holdOutTraces"]])
    assert np.array_equal(traces, parts.hold_out)
    assert described["holdOutBlocks"] == np.unique(parts.blocks[parts.hold_out]).tolist()
    assert (described["blockSize"], described["blockUnit"]) == (8, "inline")
