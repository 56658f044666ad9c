"""`python -m forecast.serving`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forecast.model_code import MODEL_CODE
from forecast.settings import ForecastSettings
from kit.contract.own_settings import own_settings
from kit.serving import settings
from kit.serving.startup import main
from kit.serving.trainer import Trainer

if TYPE_CHECKING:
    from forecast.handler import WindowHandler


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The service's settings."""

    trainer_settings: ForecastSettings = own_settings(ForecastSettings)


def handler(pipeline: Any, what: str, given: Settings) -> "WindowHandler":
    """The handler of a fitted pipeline. `what` names the model in the log."""
    # Import late, so that the kit can report wrong settings at once.
    from forecast.handler import WindowHandler

    return WindowHandler(pipeline, given.max_batch)


TRAINER = Trainer(MODEL_CODE, Settings, handler)

if __name__ == "__main__":
    main(TRAINER)
