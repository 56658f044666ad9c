"""What is held out of a table: whole groups if there are groups, otherwise any rows."""

import numpy as np

from kit.contract.protocol import DataError
from kit.learning.splits import Split, draw_blocks, hold_out_rows
from kit.tables.data import NAME, TableData


def hold_out(data: TableData, seed: int) -> Split:
    """Hold out about 20 % of the rows, each class on both sides, and no group on both.

    Raises
    ------
    DataError
        if no draw of groups has each class on both sides.
    """
    if data.groups is None:
        return hold_out_rows(data.answers, seed)
    classes = data.answers if data.answers.dtype.kind == "U" else np.zeros(len(data.answers), dtype=int)
    held = draw_blocks(classes, data.groups, seed)
    if held is None:
        raise DataError(
            f"{NAME}: column {data.group_column}: {np.unique(data.groups).size} groups; needs each "
            "class in two groups or more, so that whole groups can be held out: add rows of other groups, or "
            "leave trainer.settings.group out"
        )
    return Split(np.flatnonzero(~held), np.flatnonzero(held), data.groups, 1, data.group_column)
