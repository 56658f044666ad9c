"""The learning of a training run, without MLflow: read the survey, make features, tune, fit, judge."""

import logging
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from kit.contract.protocol import ConfigurationError, progress
from kit.drift.reference import Reference
from kit.judging import classification
from kit.judging.gate import figures_of
from kit.registry.fingerprint import model_sha256
from kit.registry.model_files import stored_bytes
from seismic.data.classes import CLASSES
from seismic.data.errors import SurveyError
from seismic.data.segy.file import pair_keys
from seismic.data.survey import Survey
from seismic.judging.figures import BYTES, GAP, check_names
from seismic.judging.judgement import FAIL, WARN, reasons
from seismic.judging.quality import quality_report
from seismic.learning import classifiers, splits, tuning
from seismic.learning.features import TraceFeatures, featurise_survey, fit_survey
from seismic.learning.random_split import random_split_macro_f1
from seismic.training.settings import Settings

log = logging.getLogger("train")


@dataclass(frozen=True)
class Trained:
    """A fitted pipeline (raw traces to labels), and the facts about it before it is registered.

    `reference` has the figures of the training traces, or None if there are none. `own` has figures that only
    a candidate has, by the names that the gate knows. `labels` (n,) and
    `probabilities` (n, classes) belong to the held-out traces. The columns are in the order of
    `scores.classes`.
    """

    pipeline: Pipeline
    sha256: str
    split: splits.Split
    tuned: tuning.Tuned
    reference: Reference | None
    scores: classification.Scores
    random_split_macro_f1: float
    own: Mapping[str, float]
    labels: np.ndarray
    probabilities: np.ndarray

    def figures(self) -> dict[str, float]:
        """All figures, by the names that the gate knows."""
        return {**figures_of(self.scores.as_result()), **self.own}

    def as_result(self, survey: Survey) -> dict[str, Any]:
        """The part of the result line about the training, registered or not."""
        return {
            "sha256": self.sha256,
            "metrics": {**self.scores.as_result(), "randomSplitMacroF1": self.random_split_macro_f1},
            "dataSha256": survey.sha256,
            "tuning": {
                "trials": len(self.tuned.history),
                "requested": self.tuned.requested,
                "cutShort": self.tuned.cut_short,
            },
        }


def read(settings: Settings) -> tuple[Survey, dict[str, Any]]:
    """Open the survey, and read all its traces once.

    Returns
    -------
    the survey and its quality report

    Raises
    ------
    SurveyError
        for everything that is wrong with the survey, and when the report's verdict is "fail".
    """
    progress("reading", 0, 1, str(settings.data_dir))
    survey = Survey.open(settings.data_dir, settings.trainer_settings)
    quality = quality_report(survey)
    shape = f"{survey.n_traces:,} traces x {survey.n_samples} samples"
    files = f"{len(survey.files)} file{'s' if len(survey.files) > 1 else ''}"
    log.info("survey: %s, %s, %s", shape, survey.geometry_kind, files)
    warn(survey, quality)
    if failed := list(reasons(quality, FAIL)):
        raise SurveyError(
            f"{survey.folder}: the survey is not good enough to learn from: {'; '.join(failed)}"
        )
    progress("reading", 1, 1, shape)
    return survey, quality


def warn(survey: Survey, quality: dict[str, Any]) -> None:
    """Log facts that are no errors but may be unintended: doubts, omitted traces, crowded places."""
    for note in (*survey.notes, *reasons(quality, WARN)):
        log.warning("%s", note)
    dead, nonfinite, out_of_range = (
        int(flags.sum()) for flags in (survey.dead, survey.nonfinite, survey.out_of_range)
    )
    if dead or nonfinite or out_of_range:
        log.warning(
            "traces left out: %d dead, %d with NaN or infinity, %d out of range",
            dead,
            nonfinite,
            out_of_range,
        )
    places = np.unique(pair_keys(survey.geometry["inline"], survey.geometry["crossline"])).size
    if survey.geometry_kind != "unstructured" and places < survey.n_traces:
        log.warning(
            "%d traces have %d different places (trace header bytes %d and %d, for 2D lines %d): "
            "labels by inline and crossline go to every trace of a place",
            survey.n_traces, places, survey.settings.inline_byte, survey.settings.crossline_byte,
            survey.settings.cdp_byte,
        )  # fmt: skip


def split(survey: Survey, settings: Settings) -> splits.Split:
    """Choose the traces to hold out.

    Raises
    ------
    SurveyError
        when there are too few labelled traces, or too few places with each class.
    ConfigurationError
        when the gate names a figure that no model of these labels has.
    """
    chosen = splits.split_survey(survey, splits.usable_traces(survey), CLASSES, settings.seed)
    labelled = np.unique(survey.labels[chosen.train])
    try:
        check_names(settings.gate, [CLASSES[code] for code in labelled])
    except ValueError as error:
        raise ConfigurationError(f"GATE: {error}") from error
    return chosen


def fit(survey: Survey, split: splits.Split, settings: Settings) -> Trained:
    """Train on about four fifths of the blocks of lines or traces, and judge by the others.

    The model is not trained again on the held-out traces. So a gate can judge champion and candidate by
    traces that neither has seen.

    The result is determined by data, seed, trials and hyperparameters. The number of threads does not matter.

    Raises
    ------
    SurveyError
        if the traces cannot be read any more.
    """
    # Use one BLAS thread, because two would sum in another order. The threads come from fitting_pool.
    with threadpool_limits({"blas": 1, "openmp": 1}), tuning.fitting_pool(settings.threads) as pool:
        rows = np.union1d(split.train, split.hold_out)
        labels = np.array(CLASSES)[survey.labels[rows]]
        held = np.isin(rows, split.hold_out, assume_unique=True)
        transformer, features = _featurise(survey, rows, split, settings)
        tuned = _tune(features[~held], labels[~held], split, settings, pool)

        progress("evaluation", 0, 2, "hold-out")
        claimed = pool.submit(random_split_macro_f1, features, labels, tuned.parameters, settings.seed)
        scaler = StandardScaler().fit(features[~held])
        classifier = classifiers.make_classifier(tuned.parameters, settings.seed)
        classifiers.fit_classifier(classifier, scaler.transform(features[~held]), labels[~held])
        pipeline = Pipeline([("features", transformer), ("scale", scaler), ("classifier", classifier)])
        probabilities = classifier.predict_proba(scaler.transform(features[held]))
        scores = classification.score(labels[held], probabilities, tuple(classifier.classes_.tolist()))
        some = classification.sample(np.flatnonzero(~held))
        seen_probabilities = classifier.predict_proba(scaler.transform(features[some]))
        seen = classification.score(labels[some], seen_probabilities, scores.classes)
        progress("evaluation", 1, 2, "random split")
        random_split = claimed.result()
    progress("evaluation", 2, 2, f"macro F1 {scores.macro_f1:.3f}")
    log.info(
        "macro F1 %.3f on held-out blocks (a random split would claim %.3f)", scores.macro_f1, random_split
    )
    sha256 = model_sha256(pipeline)
    own = {GAP: seen.macro_f1 - scores.macro_f1, BYTES: float(stored_bytes(pipeline))}
    reference = _reference(features[~held], transformer)
    return Trained(
        pipeline, sha256, split, tuned, reference, scores, random_split, own, labels[held], probabilities
    )


def _featurise(
    survey: Survey, rows: np.ndarray, split: splits.Split, settings: Settings
) -> tuple[TraceFeatures, np.ndarray]:
    """Features of all usable traces. The held-out traces have no influence on the components."""
    progress("features", 0, 2, "principal components")
    transformer = TraceFeatures(interval_us=survey.interval_us)
    fit_survey(survey, transformer, split.train, settings.threads)
    progress("features", 1, 2, f"{rows.size:,} traces")
    features = featurise_survey(survey, transformer, rows, settings.threads)
    progress("features", 2, 2)
    log.info(
        "features: %d a trace; %s traces to train on, %s held out in blocks of %s",
        features.shape[1], f"{split.train.size:,}", f"{split.hold_out.size:,}",
        splits.counted(split.block_size, split.unit),
    )  # fmt: skip
    return transformer, features


def _reference(features: np.ndarray, transformer: TraceFeatures) -> Reference | None:
    """The reference that serving compares with. A model without one is still worth registering."""
    try:
        return Reference.of(features, transformer.get_feature_names_out())
    except Exception:
        log.exception("the training data is not sketched: serving cannot tell drift from it")
        return None


def _tune(
    features: np.ndarray, labels: np.ndarray, split: splits.Split, settings: Settings, pool: Executor
) -> tuning.Tuned:
    tuned = tuning.tune(
        features,
        labels,
        splits.folds(labels, split.blocks[split.train]),
        seed=settings.seed,
        trials=settings.trials,
        time_budget=settings.time_budget,
        fixed=settings.hyperparameters,
        pool=pool,
        on_trial=lambda done, total, note: progress("tuning", done, total, note),
    )
    chosen = ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in tuned.parameters.items()
    )
    log.info("tuning: macro F1 %.3f cross-validated with %s", tuned.score, chosen)
    if tuned.cut_short:
        log.warning(
            "TIME_BUDGET ended the tuning after %d of %d trials: another run may find another model",
            len(tuned.history), tuned.requested,
        )  # fmt: skip
    return tuned
