"""What any trainer of a table knows of learning. It adds what it searches, and the steps that learn."""

from typing import Any

import numpy as np

from kit.learning.fitting import Steps
from kit.learning.space import Space
from kit.learning.splits import Split
from kit.tables.columns import Columns
from kit.tables.data import TableData, read
from kit.tables.rows import from_json, to_json
from kit.tables.splits import hold_out
from kit.training.learner import Features, Learner, RowFormat
from kit.training.settings import Settings
from kit.training.task import Task
from kit.training.tasks import CLASSIFICATION


def table_learner(settings: Settings, task: Task, space: Space, steps: Steps, **more: Any) -> Learner:
    """The learner of `data.csv` in the folder of the settings.

    Parameters
    ----------
    settings : their `trainer_settings` are TableSettings.
    task : classification or regression.
    space, steps : see Learner. The steps learn from the columns as they are.
    more : other parameters of Learner, such as `title`.
    """
    return Learner(
        task=task,
        read=lambda: read(settings.data_dir, settings.trainer_settings, task is CLASSIFICATION),
        split=lambda data: hold_out(data, settings.seed),
        features=features,
        space=space,
        steps=steps,
        rows=RowFormat("row", "rows", to_json, from_json),
        columns=lambda data: data.columns,
        slices=slices,
        **more,
    )


def features(data: TableData, split: Split, rows: np.ndarray, threads: int) -> Features:
    """The columns themselves. No row has an influence on another one."""
    raw = data.rows(rows)
    columns = Columns(data.columns).fit(raw)
    return Features([("columns", columns)], columns.transform(raw), data.columns)


def slices(data: TableData, where: np.ndarray) -> np.ndarray:
    """The names of these rows' slices, (len(where),) of str."""
    return np.full(len(where), "") if data.slices is None else data.slices[where]
