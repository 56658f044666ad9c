"""`python -m tabular.status`: the status page."""

from dataclasses import dataclass

from kit.contract.environment import optional
from kit.contract.variables import TRAINER_SETTINGS
from kit.status import settings
from kit.status.startup import main
from kit.status.trainer import Trainer
from kit.tables.settings import TableSettings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The service's settings."""

    trainer_settings: TableSettings = optional(TRAINER_SETTINGS, TableSettings.parse, factory=TableSettings)


TRAINER = Trainer(settings=Settings)

if __name__ == "__main__":
    main(TRAINER)
