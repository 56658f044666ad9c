"""The service's environment variables: the kit's, and this trainer's settings."""

from dataclasses import dataclass

from kit.contract.environment import optional
from kit.status import settings
from seismic.data.settings import VARIABLE, TrainerSettings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The service's settings."""

    trainer_settings: TrainerSettings = optional(VARIABLE, TrainerSettings.parse, factory=TrainerSettings)
