"""The data: `table.csv` with a label and numbers in each row."""

import csv
import hashlib
import math
from pathlib import Path

from stub.contract import DATA, Failure

NAME, LABEL = "table.csv", "label"
# The rows of each label, so that some of every class can be held out.
FEWEST = 20

type Row = tuple[float, ...]
type Rows = list[tuple[str, Row]]


def read(folder: Path) -> tuple[Rows, str]:
    """The labelled rows and the file's hash. If the file is no table, raises Failure with file and line."""
    path = folder / NAME
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Failure(DATA, f"{path}: {error.strerror}; expected a table with a column {LABEL}") from error
    lines = csv.reader(content.decode(errors="replace").splitlines())
    header = next(lines, [])
    if header[:1] != [LABEL] or len(header) < 2:
        wanted = f"expected {LABEL}, and a name for each number"
        raise Failure(DATA, f"{path}: line 1 is {','.join(header)}; {wanted}")
    rows: Rows = []
    for line in lines:
        try:
            label, *numbers = line
            row = tuple(map(float, numbers))
            if not label or len(line) != len(header) or not all(map(math.isfinite, row)):
                raise ValueError
        except ValueError as error:
            wanted = f"expected a label and {len(header) - 1} numbers"
            raise Failure(DATA, f"{path}: line {lines.line_num} is {','.join(line)}; {wanted}") from error
        rows.append((label, row))
    labels = [label for label, _ in rows]
    few = [label for label in sorted(set(labels)) if labels.count(label) < FEWEST]
    if few or len(set(labels)) < 2:
        problem = f"too few rows of {', '.join(few)}" if few else "fewer than two labels"
        raise Failure(DATA, f"{path}: {problem}; expected {FEWEST} rows of each of two labels, or more")
    return rows, hashlib.sha256(content).hexdigest()
