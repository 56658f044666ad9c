"""`python -m tabular.status`: the status page."""

from dataclasses import dataclass

from kit.contract.own_settings import own_settings
from kit.status import settings
from kit.status.startup import main
from kit.status.trainer import Trainer
from kit.tables.settings import TableSettings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The service's settings."""

    trainer_settings: TableSettings = own_settings(TableSettings)


TRAINER = Trainer(settings=Settings)

if __name__ == "__main__":
    main(TRAINER)
