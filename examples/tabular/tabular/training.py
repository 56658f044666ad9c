"""What this trainer gives to a training run of the kit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kit.contract.own_settings import own_settings
from kit.tables.settings import TableSettings
from kit.training import settings
from kit.training.trainer import Trainer
from tabular.model_code import MODEL_CODE

if TYPE_CHECKING:
    from kit.learning.space import Space
    from kit.training.learner import Learner


def _space() -> "Space":
    # Import late, here and below, so that wrong settings are told before scikit-learn is there.
    from tabular.learning import SPACE

    return SPACE


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The settings of one training run."""

    hyperparameters: Mapping[str, Any] = settings.hyperparameters(_space)
    trainer_settings: TableSettings = own_settings(TableSettings)


def learner(settings: Settings) -> "Learner":
    """What this trainer knows of learning."""
    from kit.tables.learner import table_learner
    from kit.training.tasks import CLASSIFICATION
    from tabular.learning import SPACE, steps

    return table_learner(
        settings, CLASSIFICATION, SPACE, steps,
        title="Classes of a table", purpose="Tells the class of a row from its numbers.",
    )  # fmt: skip


TRAINER = Trainer(code=MODEL_CODE, settings=Settings, learner=learner)
