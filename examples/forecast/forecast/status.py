"""`python -m forecast.status`."""

from dataclasses import dataclass

from forecast.settings import ForecastSettings
from kit.contract.own_settings import own_settings
from kit.status import settings
from kit.status.startup import main
from kit.status.trainer import Trainer


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The page's settings."""

    trainer_settings: ForecastSettings = own_settings(ForecastSettings)


if __name__ == "__main__":
    main(Trainer(settings=Settings, rows="windows"))
