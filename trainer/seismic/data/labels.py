"""Reads labels.csv, which gives classes to traces.

The first line names the columns: `inline,crossline,label`, or `file,trace,label`. The latter has the file's
name and the trace's place in it from 1, like the trace sequence number in a SEG-Y file. Further columns are
ignored. A trace without a line is unlabelled.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from seismic.data.classes import MOST_CLASSES, NAME, NAME_EXPECTED, meant, same_but_for_spelling
from seismic.data.errors import SurveyError, printable
from seismic.data.labels_table import LAYOUTS, read_table
from seismic.data.segy.file import SurveyFile, pair_keys
from seismic.data.settings import KEY

LABELS_NAME = "labels.csv"
_INT32 = np.iinfo(np.int32)
_ADVICE = (
    ", or, if the survey keeps these numbers elsewhere than in bytes 189 and 193 of its trace headers, give "
    f"{KEY}.inlineByte and {KEY}.crosslineByte, or name traces by file,trace,label"
)


def read_labels(
    folder: Path,
    files: tuple[SurveyFile, ...],
    geometry: np.ndarray,
    kind: str,
    allowed: tuple[str, ...] = (),
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The labels of a survey, int8 (n_traces,), and its classes.

    A label is an index into the classes, or -1 for no label. The classes are those that are `allowed`, or, if
    none are given, all labels of the file in alphabetical order. `geometry` is Survey.geometry and `kind`
    Survey.geometry_kind. Raises SurveyError, with the line, for a missing file, a label that is not allowed
    or is no name, two spellings of a label, an unknown trace, two labels for one trace, or only one class.
    """
    path = folder / LABELS_NAME
    table, columns = read_table(path)
    lines = table.index.to_numpy()
    codes, classes = _codes(path, table["label"].str.strip().str.normalize("NFC"), lines, allowed)
    if columns == LAYOUTS[0]:
        keys = pair_keys(*(_integers(path, table[name], lines) for name in columns))
        trace_keys = pair_keys(geometry["inline"], geometry["crossline"])
    else:
        numbers = _file_numbers(path, table["file"], lines, files)
        keys = pair_keys(numbers, _integers(path, table["trace"], lines))
        trace_keys = pair_keys(geometry["file"], geometry["trace"].astype(np.int64) + 1)
    keys, codes, lines = _distinct(path, table, columns, keys, codes, lines, classes)
    labels, counts = _assign(keys, codes, trace_keys)
    if np.any(counts == 0):
        worst = _first(counts == 0, lines)
        raise SurveyError(
            f"{path}, line {lines[worst]}: there is no trace with {_named(table, columns, lines[worst])} in "
            f"the survey, which has {_extent(columns, files, geometry)}; correct the line or remove it"
            f"{_ADVICE if columns == LAYOUTS[0] else ''}"
        )
    if columns == LAYOUTS[0] and kind != "3D":
        _require_one_file(path, table, keys, lines, trace_keys, geometry["file"])
    present = np.unique(codes)
    if len(present) < 2:
        raise SurveyError(
            f"{path}: every label is {classes[present[0]]!r}; there must be traces of at least two "
            f"{f'of the classes {", ".join(allowed)}' if allowed else 'classes'}"
        )
    return labels, classes


def _codes(
    path: Path, names: pd.Series, lines: np.ndarray, allowed: tuple[str, ...]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Codes int8 of the lines, and the classes that they are indices into."""
    found, first = np.unique(names.to_numpy(dtype=object), return_index=True)
    # In the order of the lines, so that a message names the first line that is wrong.
    first_lines = {found[place]: lines[first[place]] for place in np.argsort(first)}
    for name, line in first_lines.items():
        where = f"{path}, line {line}: the label is {name!r}"
        if allowed and name not in allowed:
            raise SurveyError(
                f"{where}{meant(name, allowed)}; expected one of {', '.join(allowed)} ({KEY}.classes); "
                "correct the line, or add the class there"
            )
        if not NAME.fullmatch(name):
            raise SurveyError(f"{where}; expected the name of a class: {NAME_EXPECTED}")
    if alike := same_but_for_spelling(first_lines):
        at = " and ".join(str(first_lines[name]) for name in alike)
        raise SurveyError(
            f"{path}, lines {at}: the labels {alike[0]!r} and {alike[1]!r} differ only in case or spaces; "
            "write one of them everywhere"
        )
    if len(found) > MOST_CLASSES:
        raise SurveyError(
            f"{path}: there are {len(found)} different labels, at most {MOST_CLASSES} can be; "
            "a label is the name of a class, not a measured number"
        )
    classes = allowed or tuple(found.tolist())
    return pd.Index(classes).get_indexer(names).astype(np.int8), classes


def _integers(path: Path, column: pd.Series, lines: np.ndarray) -> np.ndarray:
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    # This also finds NaN, for which every comparison is false.
    good = (numbers == np.floor(numbers)) & (numbers >= _INT32.min) & (numbers <= _INT32.max)
    if not np.all(good):
        worst = int(np.flatnonzero(~good)[0])
        raise SurveyError(
            f"{path}, line {lines[worst]}: {column.name} is {column.iloc[worst]!r}; expected a whole number "
            "without separators"
        )
    return numbers.astype(np.int64)


def _file_numbers(
    path: Path, column: pd.Series, lines: np.ndarray, files: tuple[SurveyFile, ...]
) -> np.ndarray:
    # The table has a name in an old encoding as text, or in our own spelling.
    numbers_of = {os.fsencode(file.path.name).decode("latin-1"): number for number, file in enumerate(files)}
    numbers_of |= {file.name: number for number, file in enumerate(files)}
    numbers = np.array([numbers_of.get(name.strip(), -1) for name in column])
    if np.any(numbers < 0):
        worst = int(np.flatnonzero(numbers < 0)[0])
        names = [file.name for file in files]
        raise SurveyError(
            f"{path}, line {lines[worst]}: the file {printable(column.iloc[worst])!r} is not in the survey; "
            f"expected one of {', '.join(names[:10])}{', ...' if len(names) > 10 else ''}"
        )
    return numbers


def _distinct(
    path: Path, table: pd.DataFrame, columns: tuple[str, str],
    keys: np.ndarray, codes: np.ndarray, lines: np.ndarray, classes: tuple[str, ...],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Sorted keys, each once, with its code and its first line."""
    order = np.argsort(keys, kind="stable")
    keys, codes, lines = keys[order], codes[order], lines[order]
    same = keys[1:] == keys[:-1]
    clash = same & (codes[1:] != codes[:-1])
    if np.any(clash):
        worst = int(np.flatnonzero(clash)[0])
        raise SurveyError(
            f"{path}, lines {lines[worst]} and {lines[worst + 1]}: the trace with "
            f"{_named(table, columns, lines[worst])} is {classes[codes[worst]]!r} in the one and "
            f"{classes[codes[worst + 1]]!r} in the other; keep one of them"
        )
    first = np.concatenate([[True], ~same])
    return keys[first], codes[first], lines[first]


def _assign(keys: np.ndarray, codes: np.ndarray, trace_keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels of the traces, and the number of traces for each key."""
    place = np.minimum(np.searchsorted(keys, trace_keys), len(keys) - 1)
    found = keys[place] == trace_keys
    labels = np.where(found, codes[place], np.int8(-1)).astype(np.int8)
    return labels, np.bincount(place[found], minlength=len(keys))


def _require_one_file(
    path: Path, table: pd.DataFrame, keys: np.ndarray, lines: np.ndarray,
    trace_keys: np.ndarray, owners: np.ndarray,
) -> None:  # fmt: skip
    """Refuse a label that two files share: two 2D lines may have the same trace numbers."""
    place = np.minimum(np.searchsorted(keys, trace_keys), len(keys) - 1)
    found = keys[place] == trace_keys
    low = np.full(len(keys), _INT32.max)
    high = np.full(len(keys), -1)
    np.minimum.at(low, place[found], owners[found])
    np.maximum.at(high, place[found], owners[found])
    if np.any(low != high):
        worst = _first(low != high, lines)
        raise SurveyError(
            f"{path}, line {lines[worst]}: the trace with "
            f"{_named(table, LAYOUTS[0], lines[worst])} is in more than one file; name traces by "
            "file,trace,label"
        )


def _first(wrong: np.ndarray, lines: np.ndarray) -> int:
    """Of the wrong places, the first one in the file."""
    places = np.flatnonzero(wrong)
    return int(places[np.argmin(lines[places])])


def _named(table: pd.DataFrame, columns: tuple[str, str], line: int) -> str:
    return " and ".join(f"{name} {table[name].loc[line]}" for name in columns)


def _extent(columns: tuple[str, str], files: tuple[SurveyFile, ...], geometry: np.ndarray) -> str:
    if columns == LAYOUTS[1]:
        counts = ", ".join(f"{file.name} traces 1 to {file.n_traces}" for file in files[:10])
        return f"{counts}{', ...' if len(files) > 10 else ''}"
    return " and ".join(
        f"{name}s {geometry[name].min()} to {geometry[name].max()}" for name in ("inline", "crossline")
    )
