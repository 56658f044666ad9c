"""This trainer's own settings, and the variables of a training run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from kit.contract.own_settings import OwnSettings, own_settings
from kit.training import settings

if TYPE_CHECKING:
    from kit.learning.space import Space

HISTORY = 168  # the hours of demand in a request: a week


class ForecastSettings(OwnSettings):
    """How far ahead is forecast. A registered model keeps the horizon that it learnt."""

    title: ClassVar[str] = "trainer.settings of the forecasting trainer"
    about: ClassVar[str] = "How far ahead the demand is forecast; see examples/forecast/README.md."
    example: ClassVar[str] = '{"horizon": 24}'

    horizon: int = Field(
        24, ge=1, le=HISTORY, description="Hours from the last known demand to the hour that is forecast"
    )


def _space() -> "Space":
    # Import late, because LightGBM and scikit-learn take seconds.
    from forecast.learner import SPACE

    return SPACE


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The settings of one training run."""

    hyperparameters: Mapping[str, Any] = settings.hyperparameters(_space)
    trainer_settings: ForecastSettings = own_settings(ForecastSettings)
