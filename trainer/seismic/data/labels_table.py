"""Reads labels.csv as a table, in the forms that spreadsheets write.

These have commas, semicolons, tabs or bars, UTF-8, UTF-16 or Latin-1, and any line ends.
"""

import csv
import io
import os
from pathlib import Path

import pandas as pd

from seismic.data.errors import SurveyError, reading
from seismic.data.folder import require_file

# Pairs of columns that name a trace.
LAYOUTS = (("inline", "crossline"), ("file", "trace"))
LONGEST_HEADING, MOST_BEYOND = 10_000, 100
_SEPARATORS = ",;\t|"
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read_table(path: Path) -> tuple[pd.DataFrame, tuple[str, str]]:
    """The table with its line numbers as index, and the two columns that name a trace."""
    if not os.path.lexists(path):
        raise SurveyError(
            f"{path}: there are no labels; write a CSV file of this name whose first line is "
            "inline,crossline,label (or file,trace,label)"
        )
    require_file(path)
    with reading(path):
        lines = _text(path).split("\n")
    # Keep blank lines, so that a row's number gives its line. Spreadsheets may name the separator first.
    named = bool(lines) and lines[0].lower().startswith("sep=")
    first = next((at for at in range(int(named), len(lines)) if lines[at].strip(f" {_SEPARATORS}")), None)
    if first is None:
        raise SurveyError(f"{path}: it is empty; write inline,crossline,label, and a line per labelled trace")
    separator, names, layout = _heading(path, lines[first], first + 1)
    width = min(max(line.count(separator) for line in lines) + 1, len(names) + MOST_BEYOND)
    try:
        table = pd.read_csv(
            io.StringIO("\n".join(lines[first + 1 :])), sep=separator, header=None, names=range(width),
            dtype=str, skip_blank_lines=False, keep_default_na=False, na_values=[], skipinitialspace=True,
            index_col=False, engine="c",
        ).fillna("")  # fmt: skip
    except pd.errors.ParserError as error:
        raise SurveyError(
            f"{path}: it cannot be read as CSV ({str(error).strip()}); write one trace a line, with the "
            "first line inline,crossline,label"
        ) from error
    except pd.errors.EmptyDataError:
        table = pd.DataFrame(columns=range(width), dtype=str)
    table.index = table.index + first + 2
    _require_width(path, table, len(names))
    table = table[[names.index(name) for name in (*layout, "label")]]
    table.columns = [*layout, "label"]
    table = table[~(table == "").all(axis=1)]
    if table.empty:
        raise SurveyError(f"{path}: it lists no trace; write one line per labelled trace below the first")
    return table, layout


def _text(path: Path) -> str:
    """The file's text, with Unix line ends."""
    content = path.read_bytes()
    encoding = next((name for bom, name in _BOMS.items() if content.startswith(bom)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        # The columns have plain letters and digits in every old encoding, and names of files are bytes
        # anyway.
        text = content.decode("latin-1")
    if "\0" in text:
        raise SurveyError(
            f"{path}: it is no text in UTF-8, UTF-16 or Latin-1; export the spreadsheet as CSV (UTF-8)"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _heading(path: Path, line: str, number: int) -> tuple[str, list[str], tuple[str, str]]:
    """The separator, the names of all columns, and the two columns that name a trace."""
    tried = []
    for separator in _SEPARATORS:
        cells = next(csv.reader([line[:LONGEST_HEADING]], delimiter=separator, skipinitialspace=True), [])
        names = [cell.strip().lower() for cell in cells]
        tried.append((len(names), separator, names))
        for layout in LAYOUTS:
            if {*layout, "label"} <= set(names):
                break
        else:
            continue
        if twice := [name for name in (*layout, "label") if names.count(name) > 1]:
            raise SurveyError(
                f"{path}, line {number}: the column {' and the column '.join(twice)} is there twice "
                f"({separator.join(cell.strip() for cell in cells)}); keep one of the two"
            )
        return separator, names, layout
    _, separator, names = max(tried, key=lambda one: one[0])
    raise SurveyError(
        f"{path}, line {number}: the columns are {separator.join(names)[:200]}; expected "
        "inline,crossline,label or file,trace,label"
    )


def _require_width(path: Path, table: pd.DataFrame, width: int) -> None:
    """Refuse content beyond the named columns.

    Empty cells are allowed: some spreadsheets end lines with separators.
    """
    beyond = (table.iloc[:, width:] != "").any(axis=1)
    if beyond.any():
        line = table.index[beyond.argmax()]
        raise SurveyError(
            f"{path}, line {line}: it has more cells than line 1 has columns; put text with separators, and "
            "numbers with commas in them, in double quotes or write them without"
        )
