import csv
import gzip

import numpy as np
import pytest

from kit.reports import heldout
from kit.reports.heldout import write_predictions

ROWS, BLOCKS = np.array([3, 4, 9]), np.array([0, 0, 2])


def test_a_classifiers_predictions(tmp_path):
    labels = np.array(["a", "b, c", "a"])
    probabilities = np.array([[0.75, 0.25], [1 / 3, 2 / 3], [0.5, 0.5]])
    path = write_predictions(
        tmp_path, ROWS, BLOCKS, labels, labels[[0, 1, 1]], probabilities, ("a", "b, c")
    )  # fmt: skip
    assert path.name == "heldout_predictions.csv"
    assert list(csv.reader(path.open())) == [
        ["row", "block", "true", "predicted", "probability of a", "probability of b, c"],
        ["3", "0", "a", "a", "0.75", "0.25"],
        ["4", "0", "b, c", "b, c", "0.333333", "0.666667"],
        ["9", "2", "a", "b, c", "0.5", "0.5"],
    ]


def test_a_regressors_predictions(tmp_path):
    path = write_predictions(tmp_path, ROWS, None, np.array([1.0, 2.5, 3.0]), np.array([1.5, 2.5, 1e9]))
    assert path.read_text() == "row,block,true,predicted\n3,,1,1.5\n4,,2.5,2.5\n9,,3,1e+09\n"


def test_a_large_file_is_packed_and_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(heldout, "MOST_BYTES", 1000)
    monkeypatch.setattr(heldout, "MOST_ROWS", 500)
    values = np.arange(2000.0)
    path = write_predictions(tmp_path, np.arange(2000), None, values, values)
    assert path.name == "heldout_predictions.csv.gz"
    content = path.read_bytes()
    lines = gzip.decompress(content).decode().splitlines()
    assert (len(lines), lines[1], lines[-1]) == (501, "0,,0,0", "1999,,1999,1999")
    assert write_predictions(tmp_path, np.arange(2000), None, values, values).read_bytes() == content


def test_other_lengths_are_refused(tmp_path):
    with pytest.raises(ValueError, match="predicted: got 2 rows; expected 3"):
        write_predictions(tmp_path, ROWS, BLOCKS, ROWS, ROWS[:2])
