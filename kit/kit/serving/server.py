"""Puts the service behind its ports, and reloads it in dev."""

import logging
import os
import signal
import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.supervisors import ChangeReload

from kit.server import asgi
from kit.server.draining import DrainingServer
from kit.serving.settings import Settings

if TYPE_CHECKING:
    from kit.serving.app import Service

log = logging.getLogger("serving")

# The time for present answers after the grace period. A large batch takes about 2 s.
FINISH_SECONDS = 10
# Longer than any proxy keeps an idle connection, so the server never closes a connection in use.
KEEP_ALIVE_SECONDS = 75
# What uvicorn calls a service that another process or function makes.
NAME = "serving"
# Exit codes that no edit of the source can change: settings, model, registry.
FINAL_EXITS = (2, 3, 4)


def listen(settings: Settings) -> list[socket.socket]:
    """The sockets of PORT and, if it is given, METRICS_PORT. The same service answers on both."""
    return [server_config(replace(settings, port=port), NAME).bind_socket() for port in settings.ports]


def run(service: "Service", settings: Settings, sockets: list[socket.socket]) -> None:
    """Serve until a signal."""
    DrainingServer(server_config(settings, service), service, settings.drain_seconds).run(sockets)


def server_config(settings: Settings, app: object, watched: Sequence[Path] = ()) -> uvicorn.Config:
    """uvicorn's settings for the process that serves; with folders, for the one that watches their edits."""
    return asgi.server_config(
        app,
        settings.port,
        FINISH_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        reload=bool(watched),
        reload_dirs=[str(folder) for folder in watched] or None,
    )


class DevReloader(ChangeReload):
    """Starts the service again when its source changes.

    The listening sockets stay open, so that requests wait for the new process and do not fail.
    """

    def restart(self) -> None:
        """Send SIGINT, because there is no gateway to wait for."""
        if self.process.is_alive():
            os.kill(self.process.pid, signal.SIGINT)
        self.process.join()
        self.startup()

    def should_restart(self) -> list[Path] | None:
        """The changed files. Ends with the service's exit code if no edit could help."""
        if self.process.exitcode in FINAL_EXITS:
            raise SystemExit(self.process.exitcode)
        return super().should_restart()
