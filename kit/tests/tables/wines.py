"""A small trainer of a table, for the tests: two columns, two classes, and customers as groups."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from kit.contract.own_settings import own_settings
from kit.serving import settings
from kit.serving.trainer import Trainer
from kit.tables.columns import Columns
from kit.tables.handler import TableHandler
from kit.tables.model_code import table_code
from kit.tables.settings import TableSettings

# A brace and a quote in a name must not end a row, or a text.
COLUMNS = ("alcohol", 'ash "}"')
ROWS = np.random.default_rng(1).normal(0, 1, (400, 2)).astype(np.float32)
LABELS = np.where(ROWS[:, 0] > 0, "red", "white")


def pipeline(last, targets):
    """A fitted pipeline of the columns."""
    steps = [("columns", Columns(COLUMNS)), ("scale", StandardScaler()), ("last", last)]
    return Pipeline(steps).fit(ROWS, targets)


CLASSIFIER = pipeline(LogisticRegression(), LABELS)
REGRESSOR = pipeline(LinearRegression(), ROWS[:, 0] * 3.0)


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The service's settings."""

    trainer_settings: TableSettings = own_settings(TableSettings)


def handler(fitted, what, given):
    """The handler of a table."""
    return TableHandler(fitted, given, "Wines", "Tells wines.")


TRAINER = Trainer(code=table_code(Path(__file__).parent), settings=Settings, handler=handler)


def as_json(row):
    """A row by column."""
    return dict(zip(COLUMNS, row.tolist(), strict=True))
