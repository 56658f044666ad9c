"""How each of this package's services is put behind a port: uvicorn, which logs nothing by itself."""

from typing import Any

import uvicorn


def server_config(app: Any, port: int, finish_seconds: int, **more: Any) -> uvicorn.Config:
    """uvicorn's settings for an ASGI application on every address of the container.

    Parameters
    ----------
    finish_seconds : how long requests that are being answered at the end may take.
    more : settings of uvicorn that stand over these.
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
