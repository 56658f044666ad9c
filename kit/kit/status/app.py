"""The HTTP side: the page, its data, the trainer's part, and the endpoints for Prometheus and the engine."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from kit.server.client import NoAnswer, client
from kit.server.errors import RequestError
from kit.server.http import ClientGone, Message, Receive, Send
from kit.status import registry as mlflow
from kit.status import replicas as serving
from kit.status.metrics import Metrics
from kit.status.page.content import page_data
from kit.status.page.frame import STATIC, STATIC_PATH, VIEW_PATH, frame
from kit.status.plots import Plots
from kit.status.settings import Settings
from kit.status.sources import Source
from kit.status.trainer import Trainer

log = logging.getLogger("status")

# The browser may use only parts that this service sends, and no other page may frame this one.
POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


class StatusService:
    """The application.

    Raises
    ------
    StartupError : the trainer's view lacks a file.

    Attributes
    ----------
    draining : once True, /ready answers 503. Everything else goes on.
    """

    def __init__(
        self, trainer: Trainer, settings: Settings, resolve: serving.Resolve = serving.addresses
    ) -> None:
        self.settings = settings
        self._view = None if trainer.view is None else trainer.view(settings)
        self.draining = False
        self._http = client()
        self.metrics = Metrics(settings.training_timeout)
        self.replicas = serving.Replicas(settings, self._http, resolve)
        self.registry = mlflow.Registry(settings, self._http)
        failures = self.metrics.failures
        self.sources = [
            Source("serving", self.replicas.ask, serving.PERIOD_SECONDS, serving.LIMIT_SECONDS, failures),
            Source("mlflow", self.registry.ask, mlflow.PERIOD_SECONDS, mlflow.LIMIT_SECONDS, failures),
        ]
        self.metrics.watch(self.sources[1], self.registry, self.replicas)
        self._plots = Plots(self.registry)
        self._page = frame(trainer, settings, self._view)
        self._app = Starlette(routes=self._routes(), lifespan=self._lifespan, exception_handlers=ERRORS)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, with the headers that guard every page."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("cache-control", "no-cache")
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except ClientGone:
            log.debug("%s: the client has gone", scope.get("path"))

    def _routes(self) -> list[Route | Mount]:
        return [
            Route("/status", self._shell),
            Route("/status/", self._shell),
            Route("/status/data", self._data),
            Route("/status/plots/{name}", self._plot),
            Mount(STATIC_PATH, StaticFiles(directory=STATIC)),
            *self._view_routes(),
            Route("/health", self._health),
            Route("/ready", self._ready),
            Route("/metrics", self._metrics),
        ]

    def _view_routes(self) -> list[Mount]:
        if self._view is None:
            return []
        files = Mount("/static", StaticFiles(directory=self._view.folder))
        return [Mount(VIEW_PATH, routes=[files, *self._view.routes])]

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        loops = [asyncio.create_task(source.run(), name=source.name) for source in self.sources]
        try:
            yield
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await self._http.aclose()

    async def _shell(self, _: Request) -> Response:
        return Response(self._page, media_type="text/html; charset=utf-8")

    async def _data(self, _: Request) -> Response:
        return _json(page_data(self.settings, self.sources, self.replicas, self.registry, self._view))

    async def _plot(self, request: Request) -> Response:
        name = request.path_params["name"]
        run_id, names = self._plots.of_champion()
        if name not in names:
            raise HTTPException(404, f"there is no plot {name}")
        tag = f'"{run_id}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        try:
            content = await self._plots.png(run_id, name)
        except (NoAnswer, TimeoutError) as error:
            raise RequestError(503, "mlflow", "plot", f"MLflow does not give it: {error}") from error
        if content is None:
            raise HTTPException(404, f"run {run_id} has no plot {name}")
        return Response(content, media_type="image/png", headers={"etag": tag})

    async def _health(self, _: Request) -> Response:
        return _json({"status": "ok"})

    async def _ready(self, _: Request) -> Response:
        return _json({"ready": not self.draining}, 503 if self.draining else 200)

    async def _metrics(self, _: Request) -> Response:
        return Response(self.metrics.render(), media_type=self.metrics.content_type)


async def _http_error(request: Request, error: HTTPException) -> Response:
    kind, field = {404: ("not_found", "path"), 405: ("method", "method")}.get(
        error.status_code, ("http", "request")
    )
    return await _refused(request, RequestError(error.status_code, kind, field, str(error.detail)))


async def _refused(_: Request, error: RequestError) -> Response:
    # The rest of a body that is too large or too slow is not awaited.
    headers = {"connection": "close"} if error.status in (408, 413) else None
    return Response(error.body(), error.status, headers, "application/json")


async def _defect(request: Request, _: Exception) -> Response:
    # Starlette raises it again for the server, which logs it.
    return await _refused(request, RequestError(500, "internal", "server", "failed; its log has more"))


ERRORS = {HTTPException: _http_error, RequestError: _refused, Exception: _defect}


def _json(content: dict[str, Any], status: int = 200) -> Response:
    # JSON has no NaN or infinity, so orjson writes them as null.
    return Response(orjson.dumps(content), status, media_type="application/json")
