"""What a run makes of a table: its quality, what it holds out, its features, and its description."""

import numpy as np
import pytest

from kit.contract.protocol import DataError
from kit.learning.splits import folds
from kit.tables.data import NAME, read
from kit.tables.learner import features
from kit.tables.settings import TableSettings
from kit.tables.splits import hold_out

HEADER = "alcohol,ash,label,customer"


@pytest.fixture
def table(tmp_path):
    """A table of 100 customers with three rows each, changed by a function of each row."""

    def of(change=lambda row: row, group="customer", count=300):
        lines = [HEADER]
        for number in range(count):
            row = {
                "alcohol": number % 11, "ash": number / 7, "label": "ab"[number % 2],
                "customer": f"c{number // 3}",
            }  # fmt: skip
            lines.append(",".join(str(value) for value in change(row).values()))
        (tmp_path / NAME).write_text("\n".join(lines))
        return read(tmp_path, TableSettings.model_validate({"group": group} if group else {}), True)

    return of


def test_a_good_table_passes(table):
    data = table()
    assert data.quality == {
        "rows": 300, "columns": ["alcohol", "ash"], "blankLines": 0, "constantColumns": [],
        "mergedColumns": [], "duplicateRows": 0, "target": {"counts": {"a": 150, "b": 150}},
        "verdict": "pass",
    }  # fmt: skip
    assert data.doubts() == []
    assert data.described() == [
        "- 300 rows of 2 columns; repeated rows: 0", "- target: a 150 (50.0%), b 150 (50.0%)"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row | {"ash": 3}, "the same number in every row: ash"),
        (
            lambda row: row | {"ash": 1e9 + row["alcohol"]},
            "numbers that differ only beyond float32's seven digits: ash",
        ),
        (
            lambda row: row | {"ash": 1 + row["alcohol"] % 2},
            "278 of 300 rows repeat another row with its target",
        ),
    ],
)
def test_what_may_be_unintended_is_told_and_warned_of(table, caplog, change, said):
    data = table(change)
    assert data.quality["verdict"] == "warn"
    assert said in data.doubts()
    assert said in caplog.text


def test_a_table_that_never_changes_is_refused(table):
    with pytest.raises(DataError, match=r"data\.csv: every column has the same number in all rows"):
        table(lambda row: row | {"alcohol": 1, "ash": 3})


def test_no_group_is_on_both_sides_and_the_seed_decides(table):
    data = table()
    split = hold_out(data, 7)
    assert not set(data.groups[split.train]) & set(data.groups[split.hold_out])
    assert 0.1 < split.hold_out.size / 300 < 0.3
    assert split.told() == "in blocks of 1 customer"
    assert split.is_of_blocks
    for train, test in folds(data.targets(split.train), split):
        of = data.groups[split.train]
        assert not set(of[train]) & set(of[test])
    np.testing.assert_array_equal(hold_out(data, 7).hold_out, split.hold_out)
    assert not np.array_equal(hold_out(data, 8).hold_out, split.hold_out)


def test_without_groups_any_row_is_held_out(table):
    data = table(lambda row: row | {"customer": row["alcohol"] + 1}, group=None)
    split = hold_out(data, 7)
    assert (split.hold_out.size, split.is_of_blocks, split.told()) == (60, False, "at random")
    assert data.columns == ("alcohol", "ash", "customer")
    assert "groups" not in data.facts


def test_a_class_within_one_group_cannot_be_held_out(table):
    def own_group(row):
        return row | {"customer": "all of a" if row["label"] == "a" else row["customer"]}

    with pytest.raises(DataError, match=r"^data\.csv: column customer: 101 groups; needs each class in two"):
        hold_out(table(own_group), 7)


def test_features_are_the_columns_by_their_names(table):
    data = table()
    split = hold_out(data, 7)
    found = features(data, split, split.train, 1)
    np.testing.assert_array_equal(found.matrix, data.values[split.train].astype(np.float64))
    assert found.names == ("alcohol", "ash")
    np.testing.assert_array_equal(found.steps[0][1].transform(data.rows(split.train)), found.matrix)
