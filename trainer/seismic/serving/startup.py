"""The service's process, from the environment to its exit code.

Exit codes: 0 stopped, 2 settings, 3 model refused, 4 MLflow unreachable.
"""

import gc
import logging
import os
import socket
import sys
from collections.abc import Callable
from contextlib import nullcontext

from kit.contract.protocol import BAD_CONFIGURATION, ConfigurationError, start_logging
from kit.server.errors import StartupError

from .settings import Settings

log = logging.getLogger("seismic.serving")


def main() -> None:
    """Serve. When RELOAD is true, supervise a process that serves."""
    _exit_with_reason(lambda settings: supervise(settings) if settings.reload else serve(settings))


def serve(settings: Settings, sockets: list[socket.socket] | None = None) -> None:
    """Load the model, then listen, so that a service that answers can predict."""
    # Import late, so that wrong settings are reported at once and the reloader stays small.
    from .app import Service
    from .model import load, tune_runtime
    from .server import listen, run

    tune_runtime()
    model = load(settings)
    ports = " and ".join(str(port) for port in settings.ports)
    log.info("serving %s version %s (%s) on port %s", model.name, model.version, model.sha256[:12], ports)
    service = Service(model, settings)
    # The imported objects stay. Without this, each full collection would visit them all.
    gc.collect()
    gc.freeze()
    with service.watch or nullcontext():
        run(service, settings, listen(settings) if sockets is None else sockets)


def supervise(settings: Settings) -> None:
    """Run `serve` in its own process, and again after each change of the source."""
    from .server import DevReloader, listen, server_config

    # Otherwise it would report each file that Python's cache writes.
    logging.getLogger("watchfiles").setLevel(logging.INFO)
    config = server_config(settings, "seismic.serving", reload=True)
    DevReloader(config, serve_reloaded, listen(settings)).run()


def serve_reloaded(sockets: list[socket.socket]) -> None:
    """The work of the reloader's process, which inherits the environment and the listening sockets."""
    _exit_with_reason(lambda settings: serve(settings, sockets))


def _exit_with_reason(run: Callable[[Settings], None]) -> None:
    try:
        settings = Settings.from_environment(os.environ)
        start_logging(settings.log_level)
        run(settings)
    except (ConfigurationError, StartupError) as error:
        print(f"cannot serve:\n{error}", file=sys.stderr, flush=True)
        raise SystemExit(getattr(error, "exit_code", BAD_CONFIGURATION)) from None
