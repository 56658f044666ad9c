"""What a trainer gives to the service's process. It loads no library, so that wrong settings fail at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kit.registry.model_code import ModelCode
from kit.serving.settings import Settings

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from kit.serving.handler import Handler


@dataclass(frozen=True)
class Trainer:
    """A trainer, as the service sees it. It goes to other processes, so all of it is found by its name.

    Parameters
    ----------
    code : the trainer's package, and what its models consist of.
    settings : the service's settings with the trainer's own.
    handler : a function of a module, which makes the handler of a fitted pipeline. The second argument names
        the model in the log. Slow imports belong into the function.
    """

    code: ModelCode
    settings: type[Settings]
    handler: "Callable[[Pipeline, str, Any], Handler]"
