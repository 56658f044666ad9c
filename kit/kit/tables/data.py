"""A table as the data of a training run: `data.csv` with a header, a target, and columns of numbers."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kit.contract.protocol import DataError, progress
from kit.tables.quality import FAIL, doubts, lines, quality_report
from kit.tables.reading import CsvTable, TableError, listed, numbers, place
from kit.tables.settings import TableSettings

NAME = "data.csv"
# MLflow allows these characters in the name of a figure.
CLASS = r"[\w.\- ]+"
# A name of a figure is cut at its dots.
SLICE = r"[\w\- ]*"
MOST_SLICES = 50
# Of each class, or in all for a regression: a fifth is held out, and each of three folds needs some others.
LEAST_ROWS = 20

log = logging.getLogger("train")


@dataclass(frozen=True)
class TableData:
    """A table and its quality report. See `kit.training.learner.Data`.

    Parameters
    ----------
    columns : the names of the numbers of a row.
    values : (n, n_columns) float32.
    answers : (n,) of str or float64, the target of each row.
    groups : (n,) int, the group of each row; None if rows do not depend on each other.
    group_column : the column that has the groups; empty without groups.
    slices : (n,) of str, the slice of each row; None without slices.
    """

    columns: tuple[str, ...]
    values: np.ndarray
    answers: np.ndarray
    groups: np.ndarray | None
    group_column: str
    sha256: str
    quality: dict[str, Any]
    slices: np.ndarray | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """The table's size."""
        groups = {} if self.groups is None else {"groups": int(np.unique(self.groups).size)}
        return {"rows": len(self.values), "columns": len(self.columns), **groups}

    def rows(self, where: np.ndarray) -> np.ndarray:
        """Rows, float32 (len(where), n_columns)."""
        return self.values[where]

    def targets(self, where: np.ndarray) -> np.ndarray:
        """The classes or values of rows, (len(where),)."""
        return self.answers[where]

    def described(self) -> list[str]:
        """The table's size, and what the target is."""
        return lines(self.quality)

    def doubts(self) -> list[str]:
        """The report's warnings."""
        return list(doubts(self.quality))


def read(folder: Path, settings: TableSettings, classes: bool) -> TableData:
    """Read and check the whole table.

    Parameters
    ----------
    classes : whether the target has names of classes; otherwise it has numbers.

    Raises
    ------
    DataError
        with the place, the problem and the remedy.
    """
    progress("reading", 0, 1, str(folder))
    path = folder / NAME
    try:
        data = _read(path, settings, classes)
    except TableError as error:
        raise DataError(f"{path}: {error}") from error
    for doubt in data.doubts():
        log.warning("%s", doubt)
    shape = f"{len(data.values):,} rows x {len(data.columns)} columns"
    log.info("table: %s", shape)
    progress("reading", 1, 1, shape)
    return data


def _read(path: Path, settings: TableSettings, classes: bool) -> TableData:
    table = CsvTable(path)
    named = settings.named
    if lacking := sorted(set(named.values()) - set(table.columns)):
        needs = "a column" if len(lacking) == 1 else "the columns"
        raise TableError(f"it has {listed(table.columns)}; needs {needs} {listed(lacking)} and numbers")
    columns = tuple(name for name in table.columns if name not in named.values())
    if not columns:
        raise TableError(f"it has {listed(table.columns)}; needs a column {settings.target} and numbers")
    (cells,) = table.chunks()
    values = numbers(cells[list(columns)])
    answers = (_classes if classes else _values)(cells[settings.target])
    groups = _groups(cells[settings.group]) if settings.group else None
    blank = int(cells.index[-1]) - 1 - len(cells)
    quality = quality_report(columns, values, answers, blank)
    if quality["verdict"] == FAIL:
        raise TableError("every column has the same number in all rows; nothing can be learnt: correct it")
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return TableData(
        columns, values.astype(np.float32), answers, groups, settings.group or "", sha256, quality,
        _slices(cells[settings.slices]) if settings.slices else None,
    )  # fmt: skip


def _classes(cells: pd.Series) -> np.ndarray:
    """The names of classes, (n,) of str: at least two, with enough rows of each."""
    for row in np.flatnonzero(~cells.str.fullmatch(CLASS))[:1]:
        where = place(cells.index[row], cells.name)
        raise TableError(f"{where}: got {cells.iat[row]!r}; needs letters, digits, '_', '.', '-' and spaces")
    targets = cells.to_numpy(dtype=str)
    names, counts = np.unique(targets, return_counts=True)
    if names.size < 2 or counts.min() < LEAST_ROWS:
        has = ", ".join(f"{name!r} {count}" for name, count in zip(names.tolist(), counts, strict=True))
        needs = f"needs two labels, {LEAST_ROWS} rows of each"
        raise TableError(f"rows by {cells.name}: {has or 'none'}; {needs}")
    return targets


def _values(cells: pd.Series) -> np.ndarray:
    """The values of a regression, (n,) float64: enough rows, and not all the same."""
    targets = numbers(cells.to_frame())[:, 0]
    if len(targets) < LEAST_ROWS:
        raise TableError(f"it has {len(targets)} rows; needs {LEAST_ROWS}")
    if (targets == targets[0]).all():
        raise TableError(f"column {cells.name}: got {targets[0]:g} in every row; needs values that differ")
    return targets


def _groups(cells: pd.Series) -> np.ndarray:
    """The number of each row's group, (n,) int, in the order of the groups' names."""
    for row in np.flatnonzero(cells == "")[:1]:
        where = place(cells.index[row], cells.name)
        raise TableError(f"{where}: got ''; needs the name of a group, such as the row's own number")
    return np.unique(cells.to_numpy(dtype=str), return_inverse=True)[1]


def _slices(cells: pd.Series) -> np.ndarray:
    """The name of each row's slice, (n,) of str; empty for a row of none."""
    for row in np.flatnonzero(~cells.str.fullmatch(SLICE))[:1]:
        where = place(cells.index[row], cells.name)
        raise TableError(f"{where}: got {cells.iat[row]!r}; needs letters, digits, '_', '-' and spaces")
    if (count := cells[cells != ""].nunique()) > MOST_SLICES:
        raise TableError(f"column {cells.name}: {count} names of slices; needs at most {MOST_SLICES}")
    return cells.to_numpy(dtype=str)
