"""The page's HTML, which the script fills: the kit's sections, and the trainer's part in the last one."""

import html
import string
from pathlib import Path

from kit.status.settings import Settings
from kit.status.trainer import Trainer
from kit.status.view import SCRIPT, STYLE, View

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
# Where the browser finds the files of the page, and those of a trainer's view.
STATIC_PATH, VIEW_PATH = "/status/static", "/status/view"
VIEW_STATIC_PATH = f"{VIEW_PATH}/static"


def frame(trainer: Trainer, settings: Settings, view: View | None) -> bytes:
    """The page of a trainer. Without a view, its last part is the form for the JSON of a row."""
    style = view is not None and view.has_style
    words = {
        "model": settings.model_name,
        "environment": settings.environment,
        "stack": settings.stack,
        "rows": trainer.rows,
        "script": f"{STATIC_PATH}/tryit.js" if view is None else f"{VIEW_STATIC_PATH}/{SCRIPT}",
    }
    parts = {
        "links": "".join(_link(name, target) for name, target in settings.links.items()),
        "style": f'<link rel="stylesheet" href="{VIEW_STATIC_PATH}/{STYLE}">' if style else "",
        "part": (FOLDER / "tryit.html").read_text("utf-8") if view is None else view.part,
    }
    template = string.Template((FOLDER / "page.html").read_text("utf-8"))
    return template.substitute({key: html.escape(word) for key, word in words.items()}, **parts).encode()


def _link(name: str, target: int | str) -> str:
    # A port belongs to the host that the reader's browser knows, so the script completes the address.
    where = f'data-port="{target}"' if isinstance(target, int) else f'href="{html.escape(target)}"'
    return f'<a {where} rel="noreferrer">{html.escape(name)}</a>'
