"""What a trainer gives to the status page. It loads no library, so that wrong settings fail at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kit.status.settings import Settings
from kit.status.view import View


@dataclass(frozen=True)
class Trainer:
    """A trainer, as the status page sees it. `Trainer()` is enough for a page.

    Parameters
    ----------
    settings : the service's settings, with the trainer's own.
    view : makes the trainer's part of the page from these settings. Slow imports belong into the function.
        Without it, the page has a form for the JSON of one prediction.
    rows : the word for more than one row of the data.
    """

    settings: type[Settings] = Settings
    view: Callable[[Any], View] | None = None
    rows: str = "rows"
