"""Puts a service of this package behind a port, with uvicorn, which logs nothing by itself."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class HeadAsGet:
    """Answers HEAD like GET, without the body.

    FastAPI's routes refuse HEAD, but uptime monitors send it.
    """

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def headless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, headless)


def server_config(app: Any, port: int, finish_seconds: int, **more: Any) -> uvicorn.Config:
    """uvicorn's settings for an ASGI application on every address of the container.

    Parameters
    ----------
    finish_seconds : the time for answers that are under way at the end.
    more : settings of uvicorn that override these.
    """
    settings = {
        "host": "0.0.0.0",
        "port": port,
        "loop": "uvloop",
        "http": "httptools",
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": finish_seconds,
    }
    return uvicorn.Config(app, **{**settings, **more})
