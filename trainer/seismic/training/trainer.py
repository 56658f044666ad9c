"""This trainer, as the kit's training run sees it."""

from typing import TYPE_CHECKING

from kit.training.trainer import Trainer
from seismic.model_code import MODEL_CODE
from seismic.training.settings import Settings

if TYPE_CHECKING:
    from kit.training.learner import Learner


def learner(settings: Settings) -> "Learner":
    """What this trainer knows of learning."""
    # Import late, so that the kit can report wrong settings at once.
    from seismic.training.learner import seismic_learner

    return seismic_learner(settings)


TRAINER = Trainer(code=MODEL_CODE, settings=Settings, learner=learner)
