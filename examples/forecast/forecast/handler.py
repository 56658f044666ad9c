"""What the kit's service asks of this trainer about a loaded model."""

from typing import Any

import numpy as np
from pydantic import BaseModel
from sklearn.pipeline import Pipeline

from forecast.features import VALUES
from forecast.settings import HISTORY
from forecast.windows import json_rows, to_json
from kit.serving.probabilities import stepwise


class WindowFacts(BaseModel):
    """The hours of demand in a request, and the hours from the last one to the hour that is forecast."""

    history: int
    horizon: int


class WindowHandler:
    """Windows for a fitted pipeline. See `kit.serving.handler.Handler`."""

    title, description = (
        "Demand forecast",
        "Forecasts hourly demand with one pinned version of a registered model.",
    )
    n_values = VALUES
    files = quality = None

    def __init__(self, pipeline: Pipeline, max_batch: int) -> None:
        features = pipeline.steps[0][1]
        self.probabilities = stepwise(pipeline)
        self.feature_names = tuple(features.get_feature_names_out().tolist())
        self.parser = json_rows(max_batch)
        self.request = self.parser.request("The first held-out window, in the form that /predict takes.")
        self.facts = WindowFacts(history=HISTORY, horizon=features.horizon)

    def as_json(self, row: np.ndarray) -> dict[str, Any]:
        """A row (VALUES,) as a window."""
        return to_json(None, row)
