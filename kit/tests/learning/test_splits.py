"""What is held out, and the folds of the search."""

import numpy as np
import pytest

from kit.learning import splits
from kit.learning.splits import Split


def mixed(count, seed=0):
    return np.array(["a", "b", "c"])[np.random.default_rng(seed).integers(0, 3, count)]


def of_blocks(blocks, ordered=False):
    return Split(np.arange(len(blocks)), np.array([], int), np.asarray(blocks), ordered=ordered)


@pytest.mark.parametrize("targets", [mixed(900), np.random.default_rng(1).normal(size=900)])
def test_folds_keep_blocks_whole_and_cover_every_row(targets):
    blocks = np.repeat(np.arange(9), 100)
    found = splits.folds(targets, of_blocks(blocks))
    assert len(found) == 3
    for train, test in found:
        assert not set(blocks[train]) & set(blocks[test])
    assert sorted(np.concatenate([test for _, test in found])) == list(range(900))


@pytest.mark.parametrize("targets", [mixed(300), np.random.default_rng(1).normal(size=300)])
def test_folds_of_one_block_are_runs_of_rows(targets):
    found = splits.folds(targets, of_blocks(np.zeros(300, int)))
    assert len(found) == 2
    assert all(train.size and test.size for train, test in found)


@pytest.mark.parametrize("targets", [mixed(300), np.random.default_rng(1).normal(size=300)])
def test_rows_that_do_not_depend_on_each_other_are_in_folds_of_their_own(targets):
    found = splits.folds(targets, of_blocks(np.arange(300)))
    assert sorted(np.concatenate([test for _, test in found])) == list(range(300))
    if targets.dtype.kind == "U":
        assert all(set(targets[test]) == {"a", "b", "c"} for _, test in found)


def test_folds_of_time_judge_by_what_came_later():
    for train, test in splits.folds(np.arange(100.0), of_blocks(np.arange(100), ordered=True)):
        assert train.max() < test.min()


def test_folds_of_time_leave_the_gap_of_the_split():
    split = splits.hold_out_latest(1000, 24, "hour", gap=48)
    found = splits.folds(np.arange(float(split.train.size)), split)
    assert [test.min() - train.max() for train, test in found] == [49, 49, 49]


def test_rows_are_held_out_at_random_with_the_shares_of_classes():
    targets = np.repeat(["rare", "often"], [10, 990])
    one, again, other = (splits.hold_out_rows(targets, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.hold_out, again.hold_out)
    assert not np.array_equal(one.hold_out, other.hold_out)
    assert sorted([*one.train, *one.hold_out]) == list(range(1000))
    assert [(targets[one.hold_out] == name).sum() for name in ("rare", "often")] == [2, 198]
    assert one.told() == "at random"
    assert not one.is_of_blocks
    few = splits.hold_out_rows(np.repeat(["a", "b"], 2), 1)
    assert few.hold_out.size == 2
    assert splits.hold_out_rows(np.arange(50.0), 1).hold_out.size == 10


def test_the_latest_rows_are_held_out_with_a_gap():
    split = splits.hold_out_latest(1000, 24, "hour", gap=48)
    assert split.hold_out.tolist() == list(range(800, 1000))
    assert split.train.tolist() == list(range(752))
    assert split.blocks[[0, 23, 24]].tolist() == [0, 0, 1]
    assert (split.told(), split.is_of_blocks) == ("as the latest", True)
    assert split.describe({})["gap"] == 48


def test_blocks_are_drawn_whole_and_the_seed_chooses_them():
    classes, blocks = mixed(4000), np.repeat(np.arange(50), 80)
    held = splits.draw_blocks(classes, blocks, 7)
    assert 0.1 < held.mean() < 0.3
    assert not set(blocks[held]) & set(blocks[~held])
    assert np.array_equal(held, splits.draw_blocks(classes, blocks, 7))
    assert not np.array_equal(held, splits.draw_blocks(classes, blocks, 8))
    assert splits.draw_blocks(np.repeat(["a", "b"], 40), np.repeat([0, 1], 40), 7) is None


def test_the_description_names_the_held_out_rows():
    split = Split(np.array([0, 1, 4]), np.array([2, 3, 5]), np.array([0, 0, 1, 1, 2, 3]), 2, "inline")
    told = split.describe({"trained": {"a": 3}})
    assert told["holdOutTraces"] == [[2, 3], [5, 5]]
    assert (told["holdOutBlocks"], told["blocks"], told["trained"]) == ([1, 3], 4, {"a": 3})
    assert split.told() == "in blocks of 2 inlines"
