"""What a trainer gives to a training run. It loads no library, so that wrong settings fail at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kit.registry.model_code import ModelCode
from kit.training.settings import Settings

if TYPE_CHECKING:
    from kit.training.learner import Learner


@dataclass(frozen=True)
class Trainer:
    """A trainer, as a training run sees it.

    Parameters
    ----------
    code : the trainer's package, and what its models consist of.
    settings : the run's settings with the trainer's own.
    learner : makes what the trainer knows of learning, for these settings. Slow imports belong into the
        function.
    """

    code: ModelCode
    settings: type[Settings]
    learner: "Callable[[Any], Learner]"
