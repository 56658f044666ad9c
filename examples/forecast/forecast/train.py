"""`python -m forecast.train`."""

from typing import TYPE_CHECKING

from forecast.model_code import MODEL_CODE
from forecast.settings import Settings
from kit.training.startup import start
from kit.training.trainer import Trainer

if TYPE_CHECKING:
    from kit.training.learner import Learner


def learner(settings: Settings) -> "Learner":
    """What this trainer knows of learning."""
    # Import late, so that the kit can report wrong settings at once.
    from forecast.learner import forecast_learner

    return forecast_learner(settings)


TRAINER = Trainer(MODEL_CODE, Settings, learner)

if __name__ == "__main__":
    start(TRAINER)
