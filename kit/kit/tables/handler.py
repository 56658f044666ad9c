"""What the kit's service asks of a trainer of tables: how a row is read, predicted and described."""

import numpy as np
from pydantic import BaseModel
from sklearn.pipeline import Pipeline

from kit.drift.reference import Reference
from kit.serving.handler import Count, Quality, Request
from kit.serving.probabilities import Observe, stepwise
from kit.serving.settings import Settings
from kit.tables.columns import names_of
from kit.tables.csv_files import CsvFiles
from kit.tables.parsing import RowParser
from kit.tables.rows import to_json


class TableFacts(BaseModel):
    """The columns that the model was trained on, in its order."""

    columns: list[str]


class TableHandler:
    """Rows of one table's columns, for a fitted pipeline. See `kit.serving.handler.Handler`.

    Parameters
    ----------
    pipeline : its first step is `kit.tables.columns.Columns`.
    settings : their `trainer_settings` are TableSettings.
    title, description : of the service, in OpenAPI.
    """

    def __init__(self, pipeline: Pipeline, settings: Settings, title: str, description: str) -> None:
        names = names_of(pipeline)
        self.title = title
        self.description = description
        self.probabilities = stepwise(pipeline)
        self.n_values = len(names)
        self.feature_names = names
        self.parser = RowParser(names, settings.max_batch)
        self.facts = TableFacts(columns=list(names))
        self.request = _request(names)
        self.files = CsvFiles(names, list(settings.trainer_settings.named.values()))
        self.quality = Quality(
            ("nonfinite", "out_of_range"),
            "Rows with null or numbers beyond float32 (refused), or with numbers far beyond the training's.",
            lambda count, reference: _look(count, reference, names),
        )
        self._pipeline = pipeline

    def as_json(self, row: np.ndarray) -> dict[str, float]:
        """A row (n_columns,) as an object by column."""
        return to_json(self._pipeline, row)


def _request(names: tuple[str, ...]) -> Request:
    row = {
        "type": "object",
        "properties": {name: {"type": "number"} for name in names},
        "required": list(names),
        "additionalProperties": False,
        "description": "A finite number for each column",
    }
    return Request(
        field="row",
        fields="rows",
        schema=row,
        sample_type=dict[str, float],
        sample="A row of the table that the model was trained on, in the form that /predict takes.",
    )


def _look(count: Count, reference: Reference | None, names: tuple[str, ...]) -> Observe:
    """Count rows with a number that is further from the training's range than the range is wide."""
    if reference is None:
        return lambda rows: None
    low, high = np.array([reference.sketches[name].values[[0, -1]] for name in names]).T
    width = high - low
    lowest, highest = low - width, high + width

    def look(rows: np.ndarray) -> None:
        if outside := int(np.count_nonzero(((rows < lowest) | (rows > highest)).any(axis=1))):
            count("out_of_range", outside)

    return look
