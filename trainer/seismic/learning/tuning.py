"""Chooses a classifier and its parameters by an Optuna search over the feature matrix.

The score of a trial is macro F1, cross-validated over blocks of lines or traces. Neighbouring traces are
almost copies of each other, so folds of single traces would measure the model's memory.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from seismic.learning.classifiers import SPACE, STARTS, fit_classifier, make_classifier

# Trials that run side by side. It is not the number of threads, because the search would depend on it.
BATCH = 2


@dataclass(frozen=True)
class Tuned:
    """The result of the search.

    `history` has (number, classifier, mean macro F1) for each trial. `cut_short` says that the time budget
    ended the search early. Then another machine may find another model.
    """

    parameters: dict[str, Any]
    score: float
    history: list[tuple[int, str, float]]
    requested: int
    cut_short: bool


def tune(
    features: np.ndarray,
    labels: np.ndarray,
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    *,
    seed: int,
    trials: int,
    time_budget: float,
    fixed: Mapping[str, Any],
    pool: Executor,
    on_trial: Callable[[int, int, str], None],
) -> Tuned:
    """Search for the parameters with the best mean macro F1 over the folds.

    The same arguments give the same result, unless the time budget ends the search. The sampler has a seed,
    and learns of trials in their order, two at a time, for any number of threads.

    Parameters
    ----------
    features : (n, 40) array
    labels : (n,) array of str
    folds : pairs of row indices (train, test). No block of inlines is on both sides.
    time_budget : seconds after which no new trial starts.
    fixed : parameters that are not searched, see `check_fixed`.
    pool : runs the fits, see `fitting_pool`.
    on_trial : called with (done, total, note) after each trial.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=max(2, min(8, trials // 2))),
    )
    if _nothing_to_search(fixed):
        trials = 1
    for start in STARTS:
        if fixed.get("classifier", start["classifier"]) == start["classifier"]:
            study.enqueue_trial({name: value for name, value in start.items() if name not in fixed})

    def fold_score(parameters: dict[str, Any], train: np.ndarray, test: np.ndarray) -> float:
        model = make_pipeline(StandardScaler(), make_classifier(parameters, seed))
        fit_classifier(model, features[train], labels[train])
        return f1_score(labels[test], model.predict(features[test]), average="macro", zero_division=0)

    history: list[tuple[int, str, float]] = []
    ends = time.monotonic() + time_budget
    while len(history) < trials and (not history or time.monotonic() < ends):
        batch = [study.ask() for _ in range(min(BATCH, trials - len(history)))]
        chosen = [_choose(trial, fixed) for trial in batch]
        scores = [
            [pool.submit(fold_score, parameters, train, test) for train, test in folds]
            for parameters in chosen
        ]
        for trial, parameters, futures in zip(batch, chosen, scores, strict=True):
            trial.set_user_attr("parameters", parameters)
            score = float(np.mean([future.result() for future in futures]))
            study.tell(trial, score)
            history.append((trial.number, parameters["classifier"], score))
            best = study.best_trial
            on_trial(len(history), trials, f"{parameters['classifier']} {score:.3f}, best {best.value:.3f}")
    best = study.best_trial
    return Tuned(best.user_attrs["parameters"], best.value, history, trials, len(history) < trials)


@contextlib.contextmanager
def fitting_pool(threads: int) -> Iterator[Executor]:
    """Threads that fit one classifier each.

    OpenMP's threads within one fit do not fit here: they wait for each other thousands of times a fit, by
    spinning. That takes minutes instead of seconds if another process uses the processors.
    """
    pool = ThreadPoolExecutor(threads, "fit", initializer=threadpool_limits, initargs=({"openmp": 1},))
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _choose(trial: optuna.Trial, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of one trial: the fixed ones as they are, and the others from Optuna."""

    def pick(name: str, suggest: Callable[[], Any]) -> Any:
        return fixed[name] if name in fixed else suggest()

    classifier = pick("classifier", lambda: trial.suggest_categorical("classifier", list(SPACE)))
    own = {
        name: pick(name, lambda span=span, name=name: span.suggest(trial, name))
        for name, span in SPACE[classifier].items()
    }
    return {"classifier": classifier, **own}


def _nothing_to_search(fixed: Mapping[str, Any]) -> bool:
    return "classifier" in fixed and SPACE[fixed["classifier"]].keys() <= fixed.keys()
