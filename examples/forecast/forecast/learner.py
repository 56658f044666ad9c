"""What this trainer knows of learning: the series, its windows, and what it is compared with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import root_mean_squared_error

from forecast.data import Series, read
from forecast.features import DAY, WEEK, WindowFeatures, column_of, names_of
from forecast.plot import draw_week
from forecast.settings import Settings
from forecast.trees import BoostedTrees
from forecast.windows import FIELD, FIELDS, from_json, to_json
from kit.learning.fitting import Named
from kit.learning.space import Range, Space
from kit.learning.splits import Split, hold_out_latest
from kit.training.fitting import Trained
from kit.training.learner import Features, Learner, RowFormat
from kit.training.tasks import REGRESSION

SPACE = Space.of(
    "boosted trees",
    {
        "trees": Range(100, 600, 1, 5000, whole=True, log=True),
        "leaves": Range(7, 63, 2, 1000, whole=True, log=True),
        "learning_rate": Range(0.02, 0.2, 1e-4, 1, log=True),
        "rows": Range(5, 100, 1, 10_000, whole=True, log=True),
    },
    {"trees": 300, "leaves": 31, "learning_rate": 0.05, "rows": 20},
)


def forecast_learner(settings: Settings) -> Learner:
    """The learner of a series with these settings."""
    horizon = settings.trainer_settings.horizon
    return Learner(
        task=REGRESSION,
        read=lambda: read(settings.data_dir, horizon),
        # Nothing that was not yet known at the first forecast may be learnt.
        split=lambda data: hold_out_latest(data.count, DAY, "hour", gap=horizon),
        features=features,
        space=SPACE,
        steps=steps,
        rows=RowFormat(FIELD, FIELDS, to_json, from_json),
        title="Demand forecast",
        purpose=f"Forecasts the demand of an hour, {horizon} h ahead.",
        word=FIELD,
        figures={"naiveRmse": naive_rmse, "skill": skill},
        plots=draw,
        columns=lambda data: names_of(data.horizon),
    )


def features(data: Series, split: Split, rows: np.ndarray, threads: int) -> Features:
    """Features of these windows. Nothing is learnt from any of them."""
    windows = data.rows(rows)
    transformer = WindowFeatures(data.horizon).fit(windows)
    names = tuple(transformer.get_feature_names_out().tolist())
    return Features([("features", transformer)], transformer.transform(windows), names)


def steps(parameters: Mapping[str, Any], seed: int) -> Named:
    """Unfitted steps that learn the demand from features."""
    return [("regressor", BoostedTrees(**parameters, seed=seed))]


def naive(data: Series, where: np.ndarray) -> np.ndarray:
    """The simplest forecast, (len(where),): the demand of the same hour in the last week that is known."""
    weeks = -(-data.horizon // WEEK)
    return data.rows(where)[:, column_of(weeks * WEEK, data.horizon)].astype(np.float64)


def naive_rmse(trained: Trained, data: Series) -> float:
    """The RMSE of the simplest forecast on the held-out hours."""
    return float(root_mean_squared_error(trained.targets, naive(data, trained.split.hold_out)))


def skill(trained: Trained, data: Series) -> float:
    """The share of the simplest forecast's RMSE that the model saves; below 0 if it is worse."""
    simplest = naive_rmse(trained, data)
    return 1 - trained.scores.rmse / simplest if simplest else 0.0


def draw(trained: Trained, data: Series, folder: Path) -> None:
    """Write forecast.png."""
    last = trained.split.hold_out[-WEEK:]
    draw_week(
        data.first + data.before + last,
        {
            "demand": trained.targets[-WEEK:],
            f"forecast, {data.horizon} h ahead": trained.predictions[-WEEK:, 0],
            "a week before": naive(data, last),
        },
        folder / "forecast.png",
    )
