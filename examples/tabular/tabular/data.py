"""The data: `data.csv` with a header, a column `label`, and columns of numbers."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tabular.contract import DATA, Failure

NAME, LABEL = "data.csv", "label"
LABELS = r"[\w.\- ]+"  # MLflow allows these characters in the name of a figure
LEAST_ROWS = 20  # of each class: a quarter is held out, and each of three folds needs some of the others


@dataclass(frozen=True)
class Table:
    """`rows` (n, columns) of float64, `labels` (n,) of str, and the SHA-256 of the file's bytes."""

    rows: pd.DataFrame
    labels: np.ndarray
    sha256: str


def read(folder: Path) -> Table:
    """Read and check the table. Raises Failure with the place, the problem and the remedy."""
    path = folder / NAME
    try:
        content = path.read_bytes()
        with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
            # If a line is longer than the header, pandas would only drop a cell.
            table = pd.read_csv(
                io.BytesIO(content), dtype=str, keep_default_na=False, index_col=False,
                skip_blank_lines=False,
            ).fillna("")  # fmt: skip
        table.index = table.index + 2
        table = table[(table != "").any(axis=1)]
    except pd.errors.ParserWarning as error:
        raise Failure(DATA, f"{path}: a line has more cells than the header; correct it") from error
    except (OSError, ValueError) as error:
        raise Failure(DATA, f"{path}: not readable ({error}); put a CSV file with a header there") from error
    if LABEL not in table or table.shape[1] < 2:
        raise Failure(DATA, f"{path}: it has {', '.join(table)}; needs a column {LABEL} and numbers")
    texts, labels = table.drop(columns=LABEL), table[LABEL].to_numpy(dtype=str)
    rows = texts.apply(pd.to_numeric, errors="coerce").astype(float)
    for line in np.flatnonzero(~table[LABEL].str.fullmatch(LABELS))[:1]:
        where = f"{path}: line {table.index[line]}, column {LABEL}: got {table[LABEL].iat[line]!r}"
        raise Failure(DATA, f"{where}; needs letters, digits, '_', '.', '-' and spaces")
    for line, column in np.argwhere(~np.isfinite(rows.to_numpy()))[:1]:
        where = f"{path}: line {table.index[line]}, column {rows.columns[column]}"
        raise Failure(DATA, f"{where}: got {texts.iat[line, column]!r}; needs a finite number: correct it")
    classes, counts = np.unique(labels, return_counts=True)
    if classes.size < 2 or counts.min() < LEAST_ROWS:
        has = ", ".join(f"{name!r} {count}" for name, count in zip(classes.tolist(), counts, strict=True))
        needs = f"needs two labels, {LEAST_ROWS} rows of each"
        raise Failure(DATA, f"{path}: rows by label: {has or 'none'}; {needs}")
    return Table(rows.reset_index(drop=True), labels, hashlib.sha256(content).hexdigest())
