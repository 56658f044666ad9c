"""What this trainer gives to the kit's service."""

from typing import TYPE_CHECKING

from kit.serving.trainer import Trainer
from seismic.model_code import MODEL_CODE
from seismic.serving.settings import Settings

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from seismic.serving.traces import TraceHandler


def handler(pipeline: "Pipeline", what: str, settings: Settings) -> "TraceHandler":
    """The handler of a fitted pipeline. `what` names the model in the log."""
    # Import late, so that the kit can report wrong settings at once.
    from seismic.serving.traces import TraceHandler

    return TraceHandler(pipeline, what, settings)


TRAINER = Trainer(code=MODEL_CODE, settings=Settings, handler=handler)
