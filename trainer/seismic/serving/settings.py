"""The service's environment variables: the kit's, and this trainer's settings."""

from dataclasses import dataclass

from kit.contract.own_settings import own_settings
from kit.serving import settings
from seismic.data.settings import TrainerSettings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The service's settings."""

    trainer_settings: TrainerSettings = own_settings(TrainerSettings)
