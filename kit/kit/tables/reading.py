"""Reads CSV files strictly: a header, then as many cells in each line. Faults are told by their place."""

import csv
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

# Excel begins a file with a mark, which is no part of the first column's name.
ENCODING = "utf-8-sig"
# A header of thousands of columns is not repeated in a message.
LONGEST_LIST = 300


class TableError(Exception):
    """A table cannot be used. The message has the place, the problem and the remedy, but no path."""


class CsvTable:
    """A CSV file with a header.

    Attributes
    ----------
    columns : the names in the header, each once.
    """

    def __init__(self, path: Path):
        """Read the header. Raises TableError."""
        self._path = path
        try:
            with path.open(encoding=ENCODING, newline="") as file:
                first = list(itertools.islice(csv.reader(file), 2))
        except (OSError, ValueError, csv.Error) as error:
            raise _unreadable(error) from error
        if not first or not first[0]:
            raise _unreadable("it is empty")
        header = first[0]
        for number, name in enumerate(header, 1):
            if not name.strip():
                raise TableError(f"line 1: column {number} has no name; name it, or remove it")
        if twice := sorted({name for name in header if header.count(name) > 1}):
            raise TableError(f"line 1: several columns are called {listed(twice)}; name each once")
        # pandas refuses all longer lines but the first, whose further cells it would drop.
        if len(first) > 1 and len(first[1]) > len(header):
            raise TableError("a line has more cells than the header; correct it")
        self.columns = tuple(header)

    def chunks(self, rows: int | None = None) -> Iterator[pd.DataFrame]:
        """The cells as texts, in pieces of so many rows, without empty lines.

        The index has the numbers of the lines, as an editor counts them if no cell has a line end.

        Raises
        ------
        TableError
        """
        try:
            # The header has been read: its names must stay as they are.
            with pd.read_csv(
                self._path, dtype=str, keep_default_na=False, index_col=False, skip_blank_lines=False,
                encoding=ENCODING, header=0, names=list(self.columns), iterator=True,
            ) as reader:  # fmt: skip
                while True:
                    try:
                        piece = reader.get_chunk(rows)
                    except StopIteration:
                        return
                    # A short line has no cells at its end.
                    piece = piece.fillna("")
                    piece.index = piece.index + 2
                    yield piece[(piece != "").any(axis=1)]
                    if rows is None:
                        return
        except (OSError, ValueError) as error:
            raise _unreadable(error) from error


def numbers(cells: pd.DataFrame) -> np.ndarray:
    """The numbers (n, n_columns) float64 of cells.

    Raises
    ------
    TableError
        for the first cell that is no finite number, or one that float32 cannot hold.
    """
    values = cells.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    fits = np.abs(values) <= np.finfo(np.float32).max
    for row, column in np.argwhere(~fits)[:1]:
        where = place(cells.index[row], cells.columns[column])
        raise TableError(f"{where}: got {cells.iat[row, column]!r}; needs a finite number: correct it")
    return values


def place(line: int, column: str) -> str:
    """Where a cell is."""
    return f"line {line}, column {column}"


def listed(names: Sequence[str]) -> str:
    """Names with commas between, not too many of them."""
    text = ", ".join(names)
    return text if len(text) <= LONGEST_LIST else f"{text[:LONGEST_LIST]}… ({len(names)} in all)"


def _unreadable(problem: object) -> TableError:
    said = " ".join(str(problem).split())
    return TableError(f"not readable ({said}); put a CSV file with a header there")
