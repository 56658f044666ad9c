"""A training run's environment variables: the kit's, and this trainer's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kit.contract.environment import optional
from kit.training import settings
from seismic.data.settings import VARIABLE, TrainerSettings

if TYPE_CHECKING:
    from kit.learning.space import Space


def _space() -> "Space":
    # The classifiers have the names and ranges. Import them late, because scikit-learn takes seconds.
    from seismic.learning.classifiers import SPACE

    return SPACE


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The settings of one training run."""

    hyperparameters: Mapping[str, Any] = settings.hyperparameters(_space)
    trainer_settings: TrainerSettings = optional(VARIABLE, TrainerSettings.parse, factory=TrainerSettings)
