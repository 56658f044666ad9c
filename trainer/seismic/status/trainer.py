"""This trainer, as the kit's status page sees it. Slow imports are in the function, as `Trainer` demands."""

from kit.status.trainer import Trainer
from kit.status.view import View
from seismic.status.settings import Settings


def view(settings: Settings) -> View:
    """The seismic section, for the survey of these settings and for uploaded files."""
    from seismic.status.section import section

    return section(settings)


TRAINER = Trainer(settings=Settings, view=view, rows="traces")
