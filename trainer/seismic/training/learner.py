"""What this trainer knows of learning: the survey's traces, their features, and what classifies them."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler

from kit.computing.float32 import short
from kit.contract.protocol import progress
from kit.learning.fitting import Named
from kit.learning.splits import Split
from kit.training.figures.slices import MOST_SLICES
from kit.training.learner import Features, Learner, RowFormat
from kit.training.tasks import CLASSIFICATION
from seismic.judging.colours import chosen
from seismic.learning import splits
from seismic.learning.classifiers import SPACE, make_classifier
from seismic.learning.features import TraceFeatures, featurise_survey, fit_survey
from seismic.training.data import SurveyData, read
from seismic.training.section import draw_line
from seismic.training.settings import Settings

PURPOSE = "Tells the class of a seismic trace from its amplitudes."


def seismic_learner(settings: Settings) -> Learner:
    """The learner of a survey with these settings."""

    def hold_out(data: SurveyData) -> Split:
        survey = data.survey
        return splits.split_survey(survey, splits.usable_traces(survey), survey.classes, settings.seed)

    return Learner(
        task=CLASSIFICATION,
        read=lambda: read(settings),
        split=hold_out,
        features=features,
        space=SPACE,
        steps=steps,
        rows=RowFormat("trace", "traces", to_json, from_json),
        title="Seismic trace classification",
        purpose=PURPOSE,
        word="trace",
        colours=chosen(settings.trainer_settings),
        slices=files_of,
        plots=draw_line,
    )


def features(data: SurveyData, split: Split, rows: np.ndarray, threads: int) -> Features:
    """Features of these traces. The held-out traces have no influence on the components."""
    survey = data.survey
    progress("features", 0, 2, "principal components")
    transformer = TraceFeatures(interval_us=survey.interval_us)
    fit_survey(survey, transformer, split.train, threads)
    progress("features", 1, 2, f"{rows.size:,} traces")
    matrix = featurise_survey(survey, transformer, rows, threads)
    progress("features", 2, 2)
    names = tuple(str(name) for name in transformer.get_feature_names_out())
    return Features([("features", transformer)], matrix, names)


def files_of(data: SurveyData, where: np.ndarray) -> np.ndarray:
    """The file of each of these traces, in a survey of several files. A single file is no slice."""
    files = data.survey.files
    names = [re.sub(r"[^\w\- ]", "_", file.path.stem) for file in files]
    if len(set(names)) < len(names) or not 1 < len(names) <= MOST_SLICES:
        return np.full(where.size, "")
    return np.array(names)[data.survey.geometry["file"][where]]


def steps(parameters: Mapping[str, Any], seed: int) -> Named:
    """Unfitted steps that learn classes from features."""
    return [("scale", StandardScaler()), ("classifier", make_classifier(parameters, seed))]


def to_json(_: Any, trace: np.ndarray) -> list[float]:
    """A trace's amplitudes, with the digits that give the same float32 again."""
    return [short(value) for value in trace]


def from_json(_: Any, traces: list[Any]) -> np.ndarray:
    """Traces float32 (n, n_samples) from lists of amplitudes."""
    return np.array(traces, dtype=np.float32)
