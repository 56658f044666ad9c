"""The series that the reader of `demand.csv` accepts, and its messages for the others."""

import hashlib

import numpy as np
import pytest

from forecast.data import LEAST_ROWS, NAME, read
from forecast.demo import demand
from forecast.features import VALUES, WindowFeatures, column_of, lags_of
from forecast.settings import HISTORY
from forecast.windows import from_json, to_json
from kit.contract.protocol import DataError

HORIZON = 24


@pytest.fixture
def refusal(tmp_path):
    """The message about a series whose lines are changed, without its path."""

    def of(change):
        lines = demand(LEAST_ROWS + HORIZON, 7).to_csv(index=False).splitlines()
        (tmp_path / NAME).write_text("\n".join([*change(lines), ""]))
        with pytest.raises(DataError) as error:
            read(tmp_path, HORIZON)
        return str(error.value).removeprefix(f"{tmp_path / NAME}: ")

    return of


def replaced(number, old, new):
    def change(lines):
        assert old in lines[number - 1]
        return [*lines[: number - 1], lines[number - 1].replace(old, new), *lines[number:]]

    return change


@pytest.mark.parametrize("horizon", [1, 24, 30, 168])
def test_a_row_has_the_week_before_and_its_target_is_the_horizon_later(folder, horizon):
    series = read(folder, horizon)
    assert series.sha256 == hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    rows = series.rows(np.array([0, 5]))
    assert (rows.shape, rows.dtype) == ((2, VALUES), np.float32)
    assert np.array_equal(rows[1, :HISTORY], series.demand[5 : 5 + HISTORY].astype(np.float32))
    at = 5 + HISTORY - 1 + horizon
    assert series.targets(np.array([5])) == series.demand[at]
    assert rows[1, HISTORY:].tolist() == [series.first + at, np.float32(series.temperature[at])]
    assert series.targets(np.array([series.count - 1])) == series.demand[-1]
    for lag in lags_of(horizon):
        assert rows[1, column_of(lag, horizon)] == np.float32(series.demand[at - lag])
    assert len(lags_of(horizon)) == 7


def test_a_row_in_json_gives_the_same_row(folder):
    rows = read(folder, HORIZON).rows(np.arange(0, 500, 7))
    assert np.array_equal(from_json(None, [to_json(None, row) for row in rows]), rows)


def test_features_have_names_and_do_not_depend_on_the_other_rows(folder):
    rows = read(folder, HORIZON).rows(np.arange(300))
    features = WindowFeatures(HORIZON).fit(rows)
    matrix = features.transform(rows)
    names = features.get_feature_names_out().tolist()
    assert matrix.shape == (300, len(names))
    alone = np.vstack([features.transform(row[np.newaxis]) for row in rows])
    assert np.array_equal(alone, matrix)
    days = matrix[:, names.index("day_sin")], matrix[:, names.index("week_sin")]
    assert [np.unique(each).size for each in days] == [13, 85]
    assert np.array_equal(matrix[:, names.index("lag_24")], rows[:, column_of(24, HORIZON)])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            replaced(4, "02:00", "02:30"),
            "line 4, column time: got '2024-01-01T02:30:00Z'; expected a full hour",
        ),
        (replaced(4, "Z", ""), "line 4, column time: got '2024-01-01T02:00:00'; expected a full hour in UTC"),
        (replaced(4, "Z", "+02:00"), "line 4, column time: got '2024-01-01T02:00:00+02:00'; expected a full"),
        (
            replaced(4, "2024-", "x"),
            "line 4, column time: got 'x01-01T02:00:00Z'; expected a full hour in UTC",
        ),
        (
            lambda lines: lines[:3] + lines[4:],
            "line 4, column time: got '2024-01-01T03:00:00Z' after '2024-01-01T01:00:00Z'; needs "
            "'2024-01-01T02:00:00Z': sort the hours, give each once, and fill gaps",
        ),
        (lambda lines: lines[:4] + lines[3:], "line 5, column time: got '2024-01-01T02:00:00Z' after"),
        (lambda lines: [lines[0], *lines[:0:-1]], "line 3, column time: got "),
        (
            lambda lines: [*lines[:2], "2024-01-01T01:00:00Z,nan,1", *lines[3:]],
            "line 3, column demand: got 'nan'",
        ),
        (lambda lines: lines[:-1], f"it has {LEAST_ROWS + HORIZON - 1} hours; needs {LEAST_ROWS + HORIZON}"),
        (
            lambda lines: ["time,load,temperature", *lines[1:]],
            "line 1: the columns are time, load, temperature; ",
        ),
    ],
)
def test_what_is_wrong_is_told_by_its_place_with_the_remedy(refusal, change, says):
    assert refusal(change).startswith(says)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DataError, match=r"demand.csv: not readable .*; put a CSV file with a header there"):
        read(tmp_path, HORIZON)


def test_the_demo_is_decided_by_its_arguments():
    one, again, other = (demand(2000, seed).to_csv() for seed in (7, 7, 8))
    assert one == again != other
