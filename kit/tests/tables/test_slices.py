"""The column of slices of a table."""

import numpy as np
import pytest

from kit.contract.protocol import DataError
from kit.tables.data import read
from kit.tables.learner import slices
from kit.tables.settings import TableSettings


def table(folder, names):
    lines = [f"{place},{place % 2},{name},{'yes' if place % 2 else 'no'}" for place, name in enumerate(names)]
    (folder / "data.csv").write_text("\n".join(["age,income,region,label", *lines]) + "\n")
    return read(folder, TableSettings(slices="region"), True)


def test_the_column_has_names_and_is_nothing_to_learn_from(tmp_path):
    data = table(tmp_path, ["north", "south-1", ""] * 20)
    assert data.columns == ("age", "income")
    assert slices(data, np.arange(4)).tolist() == ["north", "south-1", "", "north"]


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["a.b"] * 60, "line 2, column region: got 'a.b'; needs letters, digits"),
        ([f"r{place}" for place in range(60)], "column region: 60 names of slices; needs at most 50"),
    ],
)
def test_names_that_no_figure_can_have_are_refused(tmp_path, names, says):
    with pytest.raises(DataError, match=says):
        table(tmp_path, names)


def test_without_the_setting_no_row_is_in_a_slice(tmp_path):
    (tmp_path / "data.csv").write_text(
        "age,label\n" + "".join(f"{age},{'ab'[age % 2]}\n" for age in range(60))
    )
    data = read(tmp_path, TableSettings(), True)
    assert slices(data, np.arange(2)).tolist() == ["", ""]


def test_a_column_has_one_meaning():
    with pytest.raises(ValueError, match="group and slices: both are 'region'; give two columns"):
        TableSettings.parse('{"group": "region", "slices": "region"}')
