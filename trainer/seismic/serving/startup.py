"""`python -m seismic.serving`: reads the environment, loads the model, serves until SIGTERM.

Exit codes: 0 stopped, 2 settings, 3 model refused, 4 MLflow unreachable.
"""

import logging
import os
import socket
import sys

from .errors import StartupError
from .settings import Settings


def main() -> None:
    """Serve, or supervise a process that does when RELOAD is true."""
    try:
        settings = Settings.from_env(os.environ)
        start_logging(settings.log_level)
        if settings.reload:
            supervise(settings)
        else:
            serve(settings)
    except StartupError as error:
        print(f"cannot serve:\n{error}", file=sys.stderr, flush=True)
        raise SystemExit(error.exit_code) from None


def serve(settings: Settings, sockets: list[socket.socket] | None = None) -> None:
    """Load the model, then listen: a service that answers is one that predicts."""
    # Imported late: reading the settings must not wait seconds for MLflow's import.
    import gc

    from .app import Service
    from .model import load, tune_runtime
    from .server import run

    tune_runtime()
    model = load(settings)
    logging.getLogger("seismic.serving").info(
        "serving %s version %s (%s) on port %d", model.name, model.version, model.sha256[:12], settings.port
    )
    service = Service(model, settings)
    # What was imported stays; without this each full collection walks over all of it.
    gc.collect()
    gc.freeze()
    run(service, settings, sockets)


def supervise(settings: Settings) -> None:
    """Run `serve` in a process of its own, anew after each change of the source."""
    from .server import DevReloader, server_config

    config = server_config(settings, "seismic.serving")
    DevReloader(config, serve_reloaded, [config.bind_socket()]).run()


def serve_reloaded(sockets: list[socket.socket]) -> None:
    """What the reloader's process runs; it inherits the environment and the socket."""
    try:
        settings = Settings.from_env(os.environ)
        start_logging(settings.log_level)
        serve(settings, sockets)
    except StartupError as error:
        print(f"cannot serve:\n{error}", file=sys.stderr, flush=True)
        raise SystemExit(error.exit_code) from None


def start_logging(level: str) -> None:
    """Log lines to standard error, as the trainer writes them."""
    from seismic.contract import start_logging

    start_logging(level)
