"""What the kit's service asks of this trainer: how a trace is read, predicted and described."""

import numpy as np
from pydantic import BaseModel
from sklearn.pipeline import Pipeline

from kit.drift.reference import Reference
from kit.serving.handler import Count, Quality, Request
from kit.serving.probabilities import Observe
from seismic.drift.quality import InputQuality
from seismic.inference.predictor import predictor
from seismic.learning.features import TraceFeatures
from seismic.serving.parsing import TraceParser
from seismic.serving.segy_files import SegyFiles
from seismic.serving.settings import Settings

TITLE = "Seismic trace classification"
DESCRIPTION = "Classifies seismic traces with one pinned version of a registered model."


class TraceFacts(BaseModel):
    """The form of the traces that the model was trained on: their length, and their interval in µs."""

    n_samples: int
    interval_us: float


class TraceHandler:
    """Traces of one length and sample interval, for a fitted pipeline. See `kit.serving.handler.Handler`.

    `what` names the model in the log. If the settings say so, scikit-learn's own code predicts.
    """

    title = TITLE
    description = DESCRIPTION

    def __init__(self, pipeline: Pipeline, what: str, settings: Settings) -> None:
        own = settings.trainer_settings
        features = pipeline.steps[0][1]
        self.probabilities = predictor(pipeline, what, own.compiled_inference)
        self.n_values = int(features.n_features_in_)
        self.feature_names = tuple(str(name) for name in features.get_feature_names_out())
        self.parser = TraceParser(self.n_values, settings.max_batch, own.undefined_value)
        self.facts = TraceFacts(n_samples=self.n_values, interval_us=features.interval_us)
        self.request = _request(self.facts)
        self.files = SegyFiles(self.n_values, features.interval_us, own)
        self.quality = Quality(
            ("nonfinite", "dead", "out_of_range"),
            "Traces with NaN or infinity (refused), without any signal, or far louder than the training's.",
            _look if isinstance(features, TraceFeatures) else None,
        )

    def as_json(self, row: np.ndarray) -> list[float]:
        """A trace (n_samples,) as the list of its amplitudes."""
        return row.tolist()


def _request(facts: TraceFacts) -> Request:
    trace = {
        "type": "array",
        "items": {"type": "number"},
        "minItems": facts.n_samples,
        "maxItems": facts.n_samples,
        "description": f"Amplitudes, finite, one every {facts.interval_us:g} µs",
    }
    return Request(
        field="trace",
        fields="traces",
        schema=trace,
        sample_type=list[float],
        sample="A trace of the survey that the model was trained on, in the form that /predict takes.",
    )


def _look(count: Count, reference: Reference | None) -> Observe:
    return InputQuality(count, reference.largest_amplitude if reference else None).look
