"""`python -m forecast.status`."""

from dataclasses import dataclass

from forecast.settings import ForecastSettings
from kit.contract.environment import optional
from kit.contract.variables import TRAINER_SETTINGS
from kit.status import settings
from kit.status.startup import main
from kit.status.trainer import Trainer


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The page's settings."""

    trainer_settings: ForecastSettings = optional(
        TRAINER_SETTINGS, ForecastSettings.parse, factory=ForecastSettings
    )


if __name__ == "__main__":
    main(Trainer(settings=Settings, rows="windows"))
