"""Which classifier with which parameters: an Optuna search over the feature matrix.

Every trial is scored by macro F1, cross-validated over blocks of inlines: neighbouring traces are
nearly copies of each other, so folds of single traces would score how well the model remembers.
"""

import contextlib
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from sklearn.base import ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

LOGISTIC = "logistic_regression"
BOOSTING = "hist_gradient_boosting"
CLASS_WEIGHTS = ("none", "balanced")
# Trials that are tried side by side. Not the number of threads: the search would depend on it.
BATCH = 2


@dataclass(frozen=True)
class Range:
    """A numeric parameter: what the search tries (low to high), what may be fixed (least to most)."""

    low: float
    high: float
    least: float
    most: float
    whole: bool = False
    log: bool = False

    def suggest(self, trial: optuna.Trial, name: str) -> float:
        """Let Optuna choose."""
        suggest = trial.suggest_int if self.whole else trial.suggest_float
        return suggest(name, self.low, self.high, log=self.log)

    def check(self, name: str, value: Any) -> str | None:
        """The problem with a fixed value, or None."""
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, kinds) and not isinstance(value, bool) and self.least <= value <= self.most:
            return None
        what = "a whole number" if self.whole else "a number"
        return f"{name}: got {value!r}; expected {what} from {self.least} to {self.most}"


# Narrow enough for 20 trials in under a minute on two cores for 20,000 traces.
SPACE: dict[str, dict[str, Range]] = {
    LOGISTIC: {
        "C": Range(1e-3, 1e2, 1e-9, 1e9, log=True),
        "max_iter": Range(100, 500, 1, 100_000, whole=True),
    },
    BOOSTING: {
        "learning_rate": Range(0.05, 0.4, 1e-4, 1, log=True),
        "iterations": Range(40, 120, 1, 5000, whole=True),
        "leaves": Range(7, 31, 2, 4096, whole=True),
        "l2": Range(1e-3, 10.0, 0, 1e6, log=True),
    },
}

# Where the search starts: both classifiers as they are usually set.
STARTS: tuple[dict[str, Any], ...] = (
    {"classifier": BOOSTING, "class_weight": "balanced",
     "learning_rate": 0.1, "iterations": 80, "leaves": 15, "l2": 0.1},
    {"classifier": LOGISTIC, "class_weight": "balanced", "C": 1.0, "max_iter": 200},
)  # fmt: skip


@dataclass(frozen=True)
class Tuned:
    """What the search found.

    `history` has (number, classifier, mean macro F1) for each trial; `cut_short` says that the time
    budget ended the search early, in which case another machine may find another model.
    """

    parameters: dict[str, Any]
    score: float
    history: list[tuple[int, str, float]]
    requested: int
    cut_short: bool


def check_fixed(values: Mapping[str, Any]) -> None:
    """Check hyperparameters that were given by hand.

    Raises
    ------
    ValueError
        with every problem, name first.
    """
    problems = []
    chosen = values.get("classifier")
    if chosen is not None and chosen not in SPACE:
        problems.append(f"classifier: got {chosen!r}; allowed: {', '.join(SPACE)}")
        chosen = None
    spaces = [SPACE[chosen]] if chosen else list(SPACE.values())
    known = {name: span for space in spaces for name, span in space.items()}
    for name, value in values.items():
        if name == "classifier":
            continue
        if name == "class_weight":
            if value not in CLASS_WEIGHTS:
                problems.append(f"class_weight: got {value!r}; allowed: {', '.join(CLASS_WEIGHTS)}")
        elif name not in known:
            of = f"of {chosen}" if chosen else "of any classifier"
            problems.append(f"{name}: no parameter {of}; allowed: {', '.join(['class_weight', *known])}")
        elif problem := known[name].check(name, value):
            problems.append(problem)
    if problems:
        raise ValueError("; ".join(problems))


def make_classifier(parameters: Mapping[str, Any], seed: int) -> ClassifierMixin:
    """An unfitted classifier from chosen parameters (`classifier` and its own ones)."""
    weight = None if parameters["class_weight"] == "none" else parameters["class_weight"]
    if parameters["classifier"] == LOGISTIC:
        return LogisticRegression(
            C=parameters["C"], max_iter=parameters["max_iter"], class_weight=weight, random_state=seed
        )
    return HistGradientBoostingClassifier(
        learning_rate=parameters["learning_rate"],
        max_iter=parameters["iterations"],
        max_leaf_nodes=parameters["leaves"],
        l2_regularization=parameters["l2"],
        class_weight=weight,
        # It would hold out single traces at random, which are copies of those trained on.
        early_stopping=False,
        random_state=seed,
    )


def fit_classifier(classifier: ClassifierMixin, features: np.ndarray, labels: np.ndarray) -> ClassifierMixin:
    """Fit; too few iterations of logistic regression are part of the search, not worth a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return classifier.fit(features, labels)


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

    Deterministic for the same arguments unless the time budget ends it: the sampler is seeded and
    learns of trials in their order, two at a time, however many threads the pool has.

    Parameters
    ----------
    features : (n, 40) array
    labels : (n,) array of str
    folds : pairs of row indices (train, test); no block of inlines is on both sides.
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

    Not OpenMP's threads within one fit: they wait for each other thousands of times a fit, by
    spinning, which takes minutes instead of seconds when another process wants the processors.
    """
    pool = ThreadPoolExecutor(threads, "fit", initializer=threadpool_limits, initargs=({"openmp": 1},))
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _choose(trial: optuna.Trial, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of one trial: the fixed ones as given, the others chosen by Optuna."""

    def pick(name: str, suggest: Callable[[], Any]) -> Any:
        return fixed[name] if name in fixed else suggest()

    classifier = pick("classifier", lambda: trial.suggest_categorical("classifier", list(SPACE)))
    weight = pick("class_weight", lambda: trial.suggest_categorical("class_weight", CLASS_WEIGHTS))
    own = {
        name: pick(name, lambda span=span, name=name: span.suggest(trial, name))
        for name, span in SPACE[classifier].items()
    }
    return {"classifier": classifier, "class_weight": weight, **own}


def _nothing_to_search(fixed: Mapping[str, Any]) -> bool:
    return "classifier" in fixed and {"class_weight", *SPACE[fixed["classifier"]]} <= fixed.keys()
