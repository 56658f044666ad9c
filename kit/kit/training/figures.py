"""The figures that a trainer adds to those of its task, such as a baseline's."""

import math
import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from kit.judging.gate import metric_name
from kit.training.checks import TrainerFault
from kit.training.learner import Learner

if TYPE_CHECKING:
    from kit.training.fitting import Trained

# As the figures of the tasks are named. A dot would make it a figure of a class.
NAME = re.compile(r"[a-z][A-Za-z0-9]*")
# Names in the result line, and beginnings of names, that have a meaning already.
TAKEN = ("support", "perClass")
BEGINNINGS = ("champion", "randomSplit", "crossValidated", "gap")


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
