"""A trainer's own part of the status page: how somebody tries the model with rows that can be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kit.server.errors import StartupError

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

SCRIPT, STYLE = "view.js", "view.css"


class ViewIncomplete(StartupError):
    """A trainer's view lacks a file."""


@dataclass(frozen=True)
class View:
    """What stands below the heading "Try it".

    The browser takes scripts and styles only from files, so `part` has neither. `view.js` is a module with a
    function `start()`. Its result has a setter `model`, which gets the `info` of the page's data after each
    update. The module may use the page's own: `/status/static/api.js` asks, `/status/static/dom.js` builds.

    Parameters
    ----------
    part : the HTML of the section, without its heading.
    folder : the files behind /status/view/static/. `view.js` is needed, `view.css` is used if it is there.
    routes : the paths below /status/view, such as `Route("/survey", ...)`. An exception is a 500, and a
        `kit.server.errors.RequestError` is its status.
    facts : names in /model_info that the script needs.
    colours : of classes by name, as #RRGGBB. The other classes get those of the kit's figures.
    """

    part: str
    folder: Path
    routes: Sequence["BaseRoute"] = ()
    facts: Sequence[str] = ()
    colours: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.folder / SCRIPT).is_file():
            raise ViewIncomplete(f"{self.folder}: there is no {SCRIPT}; the view's script has this name")

    @property
    def has_style(self) -> bool:
        """Whether the folder has a style."""
        return (self.folder / STYLE).is_file()
