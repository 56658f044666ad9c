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
from functools import partial

from kit.contract.protocol import BAD_CONFIGURATION, ConfigurationError, start_logging
from kit.server.errors import StartupError
from kit.serving.settings import Settings
from kit.serving.trainer import Trainer

log = logging.getLogger("serving")


def main(trainer: Trainer) -> None:
    """Serve. When RELOAD is true, supervise a process that serves."""
    _exit_with_reason(
        trainer,
        lambda settings: supervise(trainer, settings) if settings.reload else serve(trainer, settings),
    )


def serve(trainer: Trainer, settings: Settings, sockets: list[socket.socket] | None = None) -> None:
    """Load the model, then listen, so that a service that answers can predict."""
    # Import late, so that wrong settings are reported at once and the reloader stays small.
    from kit.serving.app import Service
    from kit.serving.model import load, tune_runtime
    from kit.serving.server import listen, run

    tune_runtime()
    model = load(trainer, settings)
    ports = " and ".join(str(port) for port in settings.ports)
    log.info("serving %s version %s (%s) on port %s", model.name, model.version, model.sha256[:12], ports)
    service = Service(model, settings)
    # The imported objects stay. Without this, each full collection would visit them all.
    gc.collect()
    gc.freeze()
    with service.watch or nullcontext():
        run(service, settings, listen(settings) if sockets is None else sockets)


def supervise(trainer: Trainer, settings: Settings) -> None:
    """Run `serve` in its own process, and again after each change of the source."""
    from kit.serving.server import NAME, DevReloader, listen, server_config

    # Otherwise it would report each file that Python's cache writes.
    logging.getLogger("watchfiles").setLevel(logging.INFO)
    config = server_config(settings, NAME, trainer.code.paths)
    DevReloader(config, partial(serve_reloaded, trainer), listen(settings)).run()


def serve_reloaded(trainer: Trainer, sockets: list[socket.socket]) -> None:
    """The work of the reloader's process, which inherits the environment and the listening sockets."""
    _exit_with_reason(trainer, lambda settings: serve(trainer, settings, sockets))


def _exit_with_reason(trainer: Trainer, run: Callable[[Settings], None]) -> None:
    try:
        settings = trainer.settings.from_environment(os.environ)
        start_logging(settings.log_level)
        run(settings)
    except (ConfigurationError, StartupError) as error:
        print(f"cannot serve:\n{error}", file=sys.stderr, flush=True)
        raise SystemExit(getattr(error, "exit_code", BAD_CONFIGURATION)) from None
