"""Writes the predictions for the held-out rows, so that people can judge a model by figures of their own."""

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

NAME = "heldout_predictions.csv"
# Beyond these, the file is packed, or has rows at even distances only.
MOST_BYTES, MOST_ROWS = 5_000_000, 500_000
DIGITS = 6


def write_predictions(
    folder: Path,
    rows: np.ndarray,
    blocks: np.ndarray | None,
    true: np.ndarray,
    predicted: np.ndarray,
    probabilities: np.ndarray | None = None,
    classes: Sequence[str] = (),
) -> Path:
    """Write heldout_predictions.csv, or the same with .gz, and return its path.

    The columns are row, block, true, predicted, and `probability of CLASS` for a classifier.

    Parameters
    ----------
    rows : (n,) numbers of the held-out rows in the data.
    blocks : (n,) their blocks; None leaves the column empty.
    true, predicted : (n,) classes or values.
    probabilities : (n, len(classes)) array of a classifier.

    Raises
    ------
    ValueError
        if an array has another length than the others.
    """
    arrays = {"blocks": blocks, "true": true, "predicted": predicted, "probabilities": probabilities}
    for name, given in arrays.items():
        if given is not None and len(given) != len(rows):
            raise ValueError(f"{name}: got {len(given)} rows; expected {len(rows)}, as there are row numbers")
    some = np.linspace(0, len(rows) - 1, min(len(rows), MOST_ROWS)).round().astype(int)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "block", "true", "predicted", *(f"probability of {name}" for name in classes)])
    columns = [
        rows[some].tolist(),
        [""] * some.size if blocks is None else blocks[some].tolist(),
        _texts(true[some]),
        _texts(predicted[some]),
    ]
    if probabilities is not None:
        columns += [_texts(column) for column in probabilities[some].T]
    writer.writerows(zip(*columns, strict=True))
    content = text.getvalue().encode()
    if len(content) <= MOST_BYTES:
        path = folder / NAME
        path.write_bytes(content)
    else:
        path = folder / f"{NAME}.gz"
        # Without the time, the same predictions give the same file.
        path.write_bytes(gzip.compress(content, mtime=0))
    return path


def _texts(values: np.ndarray) -> list[str]:
    if values.dtype.kind == "f":
        return [f"{value:.{DIGITS}g}" for value in values.tolist()]
    return [str(value) for value in values.tolist()]
