"""Chooses a model and its parameters by an Optuna search over the matrix of features.

The score of a trial is one figure, cross-validated over the folds of the split. Neighbouring rows may be
almost copies of each other, so folds of single rows would measure the model's memory (`kit.learning.splits`).
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from threadpoolctl import threadpool_limits

from kit.learning.fitting import Steps, fit_steps, predict_steps
from kit.learning.space import Space

# Trials that run side by side. It is not the number of threads, because the search would depend on it.
BATCH = 2


@dataclass(frozen=True)
class Tuned:
    """The result of the search.

    `history` has (number, kind of model, mean figure) for each trial. `cut_short` says that the time budget
    ended the search early. Then another machine may find another model.
    """

    parameters: dict[str, Any]
    score: float
    history: list[tuple[int, str, float]]
    requested: int
    cut_short: bool


def tune(
    features: np.ndarray,
    targets: np.ndarray,
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    *,
    space: Space,
    steps: Steps,
    score: Callable[[np.ndarray, np.ndarray], float],
    higher: bool,
    seed: int,
    trials: int,
    time_budget: float,
    fixed: Mapping[str, Any],
    pool: Executor,
    on_trial: Callable[[int, int, str], None],
) -> Tuned:
    """Search for the parameters with the best mean score over the folds.

    The same arguments give the same result, unless the time budget ends the search. The sampler has a seed,
    and learns of trials in their order, two at a time, for any number of threads.

    Parameters
    ----------
    features : (n, n_features) array
    targets : (n,) array of str or float64
    folds : pairs of row indices (train, test).
    score, higher : the figure of true and predicted targets, and whether higher values are better.
    time_budget : seconds after which no new trial starts.
    fixed : parameters that are not searched, see `Space.check`.
    pool : runs the fits, see `fitting_pool`.
    on_trial : called with (done, total, note) after each trial.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize" if higher else "minimize",
        sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=max(2, min(8, trials // 2))),
    )
    if space.leaves_nothing(fixed):
        trials = 1
    for start in space.first_trials(fixed):
        study.enqueue_trial(start)

    def fold_score(parameters: dict[str, Any], train: np.ndarray, test: np.ndarray) -> float:
        fitted = fit_steps(steps(parameters, seed), features[train], targets[train])
        return score(targets[test], predict_steps(fitted, features[test]))

    history: list[tuple[int, str, float]] = []
    ends = time.monotonic() + time_budget
    while len(history) < trials and (not history or time.monotonic() < ends):
        batch = [study.ask() for _ in range(min(BATCH, trials - len(history)))]
        chosen = [space.choose(trial, fixed) for trial in batch]
        scores = [
            [pool.submit(fold_score, parameters, train, test) for train, test in folds]
            for parameters in chosen
        ]
        for trial, parameters, futures in zip(batch, chosen, scores, strict=True):
            trial.set_user_attr("parameters", parameters)
            found = float(np.mean([future.result() for future in futures]))
            study.tell(trial, found)
            kind = space.kind_of(parameters)
            history.append((trial.number, kind, found))
            on_trial(len(history), trials, f"{kind} {found:.3f}, best {study.best_trial.value:.3f}")
    best = study.best_trial
    return Tuned(best.user_attrs["parameters"], best.value, history, trials, len(history) < trials)


@contextlib.contextmanager
def fitting_pool(threads: int) -> Iterator[Executor]:
    """Threads that fit one model each.

    OpenMP's threads within one fit do not fit here: they wait for each other thousands of times a fit, by
    spinning. That takes minutes instead of seconds if another process uses the processors.
    """
    pool = ThreadPoolExecutor(threads, "fit", initializer=threadpool_limits, initargs=({"openmp": 1},))
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
