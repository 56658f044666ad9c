"""`python -m tabular.serving`: one registered version over HTTP."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kit.contract.own_settings import own_settings
from kit.serving import settings
from kit.serving.startup import main
from kit.serving.trainer import Trainer
from kit.tables.settings import TableSettings
from tabular.model_code import MODEL_CODE

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from kit.tables.handler import TableHandler


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The service's settings."""

    trainer_settings: TableSettings = own_settings(TableSettings)


def handler(pipeline: "Pipeline", what: str, settings: Settings) -> "TableHandler":
    """The handler of a fitted pipeline. Slow imports wait until the settings are known to be right."""
    from kit.tables.handler import TableHandler

    return TableHandler(pipeline, settings, "Classes of a table", "Classifies rows of a table.")


TRAINER = Trainer(code=MODEL_CODE, settings=Settings, handler=handler)

if __name__ == "__main__":
    main(TRAINER)
