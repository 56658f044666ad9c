"""The seismic section: the endpoints behind it, and its part of the page."""

import re
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.server.errors import RequestError
from kit.status.view import View
from seismic.judging.colours import chosen
from seismic.status.settings import Settings
from seismic.status.surveys import Traces
from seismic.status.uploads import Uploads

FOLDER = Path(__file__).parent


def section(settings: Settings) -> View:
    """The view of the survey in the settings' folder. `facts` decide which traces may be tried."""
    endpoints = _Endpoints(Traces(settings.data_dir, settings.trainer_settings), settings)
    return View(
        part=(FOLDER / "section.html").read_text("utf-8"),
        folder=FOLDER / "static",
        routes=(
            Route("/survey", endpoints.survey),
            Route("/survey/line", endpoints.line),
            Route("/survey/trace", endpoints.trace),
            Route("/segy", endpoints.segy, methods=["POST"]),
        ),
        facts=("n_samples", "interval_us"),
        colours=chosen(settings.trainer_settings),
    )


class _Endpoints:
    def __init__(self, traces: Traces, settings: Settings) -> None:
        self._traces = traces
        self._uploads = Uploads(settings.trainer_settings)

    async def survey(self, _: Request) -> Response:
        return _json(await self._traces.summary())

    async def line(self, request: Request) -> Response:
        return _json(await self._traces.line(_number(request, "inline"), _number(request, "start") or 0))

    async def trace(self, request: Request) -> Response:
        numbers = (_number(request, name) for name in ("index", "inline", "crossline"))
        return _json(await self._traces.trace(*numbers))

    async def segy(self, request: Request) -> Response:
        return _json(await self._uploads.traces(request.scope, request.receive))


def _json(content: dict[str, Any]) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def _number(request: Request, name: str) -> int | None:
    given = request.query_params.get(name)
    if given is None:
        return None
    if re.fullmatch(r"-?[0-9]{1,10}", given):
        return int(given)
    raise RequestError(422, "invalid_input", name, f"expected a whole number, got {given[:40]!r}")
