"""A row of a table in the JSON of requests: an object with a number for each column."""

from typing import Any

import numpy as np

from kit.computing.float32 import short
from kit.tables.columns import names_of


def to_json(pipeline: Any, row: np.ndarray) -> dict[str, float]:
    """A row (n_columns,) with the digits that give the same float32 again."""
    return dict(zip(names_of(pipeline), map(short, row), strict=True))


def from_json(pipeline: Any, rows: list[Any]) -> np.ndarray:
    """Rows float32 (n, n_columns) from objects by column, in the order of the pipeline's columns."""
    names = names_of(pipeline)
    return np.array([[row[name] for name in names] for row in rows], dtype=np.float32)
