"""The names of a run's figures, and the figures that a trainer adds, such as a baseline's."""

import math
import re
import statistics
import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from kit.contract.protocol import ConfigurationError
from kit.judging.bounds import Gate
from kit.judging.gate import metric_name
from kit.training.checks import TrainerFault
from kit.training.learner import Learner
from kit.training.task import Task

if TYPE_CHECKING:
    from kit.training.trained import Trained

# What only the candidate has, besides the gap: its stored size, and the time that it takes for one row.
BYTES, LATENCY = "modelBytes", "latencyMs"
# Predictions of one row; their median is little disturbed by what else the machine does.
TIMED = 50
# As the figures of the tasks are named. A dot would make it a figure of a class.
NAME = re.compile(r"[a-z][A-Za-z0-9]*")
# Names in the result line, and beginnings of names, that have a meaning already.
TAKEN = ("support", "perClass")
BEGINNINGS = ("champion", "randomSplit", "crossValidated", "gap")


def gap_of(task: Task) -> str:
    """The name of the figure that says by how much a candidate is better on the rows that it has learnt."""
    return f"gap.{task.figure}"


def latency_of(predict: Callable[[np.ndarray], Any], row: np.ndarray) -> float:
    """The median milliseconds of a prediction of one row (1, n_values), alone and by one thread."""
    seconds = []
    for _ in range(TIMED):
        began = time.perf_counter()
        predict(row)
        seconds.append(time.perf_counter() - began)
    return 1000 * statistics.median(seconds)


def check_names(
    gate: Gate | None, task: Task, classes: tuple[str, ...], further: Collection[str] = ()
) -> None:
    """Check that a gate names only figures that a run with these classes has.

    A figure of the candidate alone is compared with no champion. `further` names those of the trainer.

    Raises
    ------
    ConfigurationError
        with the paths of the others, and the figures that there are.
    """
    if gate is None:
        return
    problems = []
    if unknown := ", ".join(sorted(set(gate.class_floors) - set(classes))):
        known = ", ".join(classes) or "no classes"
        problems.append(f"gate.floors.classRecall: no such class: {unknown}; the data has {known}")
    of_both = task.names(classes)
    problems += gate.lacking([*of_both, gap_of(task), BYTES, LATENCY, *further], of_both)
    if problems:
        raise ConfigurationError(f"GATE: {'; '.join(problems)}")


def check_own_names(learner: Learner, known: Collection[str]) -> None:
    """Raise TrainerFault unless each of the trainer's figures has a name that nothing else has.

    `known` has the names of the figures that any model of the data has.
    """
    taken = {metric_name(name) for name in (*known, *TAKEN)}
    for name in learner.figures:
        path = f"Learner.figures: got the name {name}"
        if not NAME.fullmatch(name):
            raise TrainerFault(f"{path}; expected letters and digits, such as naiveRmse: correct the trainer")
        if metric_name(name) in taken or name.startswith(BEGINNINGS):
            raise TrainerFault(f"{path}, which the kit gives to another figure: correct the trainer")


def own_figures(trained: "Trained", learner: Learner, data: Any) -> Mapping[str, float]:
    """The trainer's figures of a candidate. Raises TrainerFault for one that is not finite."""
    found = {name: float(figure(trained, data)) for name, figure in learner.figures.items()}
    for name, value in found.items():
        if not math.isfinite(value):
            raise TrainerFault(
                f"Learner.figures: {name} is {value}; expected a finite number: correct the trainer"
            )
    return found
