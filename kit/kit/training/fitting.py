"""The learning of a training run, without MLflow: features, search, fit, and figures on the hold-out."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from kit.contract.protocol import progress
from kit.drift.reference import Reference
from kit.judging.bounds import HIGHER
from kit.judging.classification import sample
from kit.learning import splits, tuning
from kit.learning.fitting import fit_steps, predict_steps, transformed
from kit.registry.fingerprint import model_sha256
from kit.registry.kind import predictor_of
from kit.registry.model_files import stored_bytes
from kit.training.checks import check_features, check_predictions, check_steps, check_targets
from kit.training.figures.names import (
    BYTES,
    LATENCY,
    check_names,
    check_own_names,
    gap_of,
    latency_of,
    own_figures,
)
from kit.training.figures.slices import figures_of_slices, names_of_slices, slices_of
from kit.training.learner import Features, Learner
from kit.training.settings import Settings
from kit.training.trained import Trained

log = logging.getLogger("train")

RANDOM_SPLIT_SHARE = 0.2
# Rows whose features are made once more, by the steps that serving has.
PROBES = 16


def split(data: Any, learner: Learner, settings: Settings) -> splits.Split:
    """Choose the rows to hold out, and check the gate by the classes of the others.

    Raises
    ------
    DataError
        when there are too few rows.
    ConfigurationError
        when the gate names a figure that no model of these classes has.
    TrainerFault
        when a trainer's figure has a name of another one.
    """
    chosen = learner.split(data)
    targets = data.targets(chosen.train)
    check_targets(targets, chosen.train)
    task, classes = learner.task, learner.task.classes(targets)
    check_own_names(learner, [*task.names(classes), BYTES, LATENCY])
    slices = slices_of(learner, data, chosen)
    check_names(settings.gate, task, classes, [*learner.figures, *names_of_slices(learner, slices)])
    return replace(chosen, slices=slices)


def fit(data: Any, split: splits.Split, learner: Learner, settings: Settings) -> Trained:
    """Learn from the training rows of the split, and judge by the others.

    The model is not trained again on the held-out rows. So a gate can judge champion and candidate by rows
    that neither has seen.

    The result is determined by data, seed, trials and hyperparameters. The number of threads does not matter.

    Raises
    ------
    DataError
        if the rows cannot be read any more.
    TrainerFault
        if the trainer gives other shapes than it should, or values that are not finite.
    """
    task = learner.task
    # Use one BLAS thread, because two would sum in another order. The threads come from fitting_pool.
    with threadpool_limits({"blas": 1, "openmp": 1}), tuning.fitting_pool(settings.threads) as pool:
        rows = np.union1d(split.train, split.hold_out)
        targets = data.targets(rows)
        check_targets(targets, rows)
        held = np.isin(rows, split.hold_out, assume_unique=True)
        featurised = learner.features(data, split, rows, settings.threads)
        check_features(featurised, rows)
        probes = np.flatnonzero(held)[:PROBES]
        check_steps(featurised, data.rows(rows[probes]), probes)
        features = featurised.matrix
        log.info(
            "features: %d a %s; %s %s to train on, %s held out %s",
            features.shape[1], learner.word, f"{split.train.size:,}", learner.words,
            f"{split.hold_out.size:,}", split.told(),
        )  # fmt: skip
        tuned = _tune(features[~held], targets[~held], split, learner, settings, pool)

        progress("evaluation", 0, 2, "hold-out")
        claim = None
        if split.is_of_blocks and not split.ordered:
            claim = pool.submit(
                random_split_figure, features, targets, learner, tuned.parameters, settings.seed
            )
        fitted = fit_steps(learner.steps(tuned.parameters, settings.seed), features[~held], targets[~held])
        pipeline = Pipeline([*featurised.steps, *fitted])
        predict, classes = predictor_of(fitted[-1][1]), task.classes(targets[~held])
        predictions = predict(transformed(fitted[:-1], features[held]))
        check_predictions(predictions, int(held.sum()), classes)
        scores = task.score(targets[held], predictions, classes)
        some = sample(np.flatnonzero(~held))
        seen = task.score(targets[some], predict(transformed(fitted[:-1], features[some])), classes)
        latency = latency_of(predictor_of(pipeline), data.rows(split.hold_out[:1]))
        progress("evaluation", 1, 2, "random split" if claim else "")
        claimed = {} if claim is None else {f"randomSplit{_capital(task.figure)}": claim.result()}
    value, of_seen = task.value(scores), task.value(seen)
    progress("evaluation", 2, 2, f"{task.word} {value:.3f}")
    log.info(
        "%s %.3f on held-out %s%s", task.word, value, learner.words,
        "".join(f" (a random split would claim {each:.3f})" for each in claimed.values()),
    )  # fmt: skip
    own = {
        gap_of(task): of_seen - value if task.better == HIGHER else value - of_seen,
        BYTES: float(stored_bytes(pipeline)),
        LATENCY: latency,
    }
    trained = Trained(
        pipeline, model_sha256(pipeline), split, tuned, _reference(features[~held], featurised), scores,
        claimed, own, targets[held], predictions, classes, len(featurised.steps), featurised.names,
    )  # fmt: skip
    further = {
        **own_figures(trained, learner, data),
        **figures_of_slices(learner, split.slices, trained.targets, predictions, classes),
    }
    return replace(trained, further=further)


def random_split_figure(
    features: np.ndarray, targets: np.ndarray, learner: Learner, parameters: Mapping[str, Any], seed: int
) -> float:
    """The figure of the same parameters with single rows held out at random (20 %, stratified).

    Then most held-out rows have an almost equal neighbour among the training rows. The figure only shows the
    claim that such a split would make. See docs/evaluation.md.
    """
    train, test = train_test_split(
        np.arange(len(targets)), test_size=RANDOM_SPLIT_SHARE, random_state=seed,
        stratify=targets if learner.task.classes(targets) else None,
    )  # fmt: skip
    fitted = fit_steps(learner.steps(parameters, seed), features[train], targets[train])
    return float(learner.task.search_score(targets[test], predict_steps(fitted, features[test])))


def _reference(features: np.ndarray, featurised: Features) -> Reference | None:
    """The reference that serving compares with. A model without one is still worth registering."""
    try:
        return Reference.of(features, featurised.names)
    except Exception:
        log.exception("the training data is not sketched: serving cannot tell drift from it")
        return None


def _tune(
    features: np.ndarray, targets: np.ndarray, split: splits.Split, learner: Learner, settings: Settings,
    pool: Any,
) -> tuning.Tuned:  # fmt: skip
    task = learner.task
    tuned = tuning.tune(
        features,
        targets,
        splits.folds(targets, split),
        space=learner.space,
        steps=learner.steps,
        score=task.search_score,
        higher=task.better == HIGHER,
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
    log.info("tuning: %s %.3f cross-validated with %s", task.word, tuned.score, chosen)
    if tuned.cut_short:
        log.warning(
            "TIME_BUDGET ended the tuning after %d of %d trials: another run may find another model",
            len(tuned.history), tuned.requested,
        )  # fmt: skip
    return tuned


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
