"""Reads CSV files that clients upload, some hundred rows at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from kit.server.errors import RequestError
from kit.serving.batching import rows_at_once
from kit.serving.upload import FILE_FIELD
from kit.tables.reading import CsvTable, TableError, listed, numbers


class CsvFiles:
    """Reads CSV with the columns of the model. See `kit.serving.handler.FileReader`.

    Parameters
    ----------
    columns : of the model, which may stand in any order.
    others : columns that the training's table also has, such as the target. They may be there, and are
        not read.
    """

    format = "CSV"
    form = "CsvForm"
    name = "upload.csv"
    # The line of a row is what a user can look up, whatever columns the file has.
    columns = ("line",)

    def __init__(self, columns: Sequence[str], others: Sequence[str]) -> None:
        self._columns = list(columns)
        self._others = frozenset(others)

    def open(self, folder: Path) -> "CsvRows":
        """Check the whole upload, before the first line of the answer.

        Raises RequestError for no CSV, for other columns, for what is no finite number, and for no rows.
        """
        try:
            table = CsvTable(folder / self.name)
            faults = {
                "missing": sorted(set(self._columns) - set(table.columns)),
                "unknown": sorted(set(table.columns) - set(self._columns) - self._others),
            }
            if said := "; ".join(f"{what}: {listed(names)}" for what, names in faults.items() if names):
                raise TableError(f"line 1: {said}; expected {listed(self._columns)}")
            rows = CsvRows(table, self._columns)
            if not sum(len(lines) for lines, _ in rows.chunks()):
                raise TableError("it has a header, and no rows")
        except TableError as error:
            raise RequestError(422, "invalid_csv", FILE_FIELD, str(error)) from error
        return rows


class CsvRows:
    """The rows of an upload, each with the number of its line."""

    def __init__(self, table: CsvTable, columns: Sequence[str]) -> None:
        self._table = table
        self._columns = list(columns)

    def chunks(self) -> Iterator[tuple[Sequence[str], np.ndarray]]:
        """The rows in the file's order: (n, n_columns) float32."""
        for cells in self._table.chunks(rows_at_once(len(self._columns))):
            if len(cells):
                yield cells.index.astype(str).tolist(), numbers(cells[self._columns]).astype(np.float32)
