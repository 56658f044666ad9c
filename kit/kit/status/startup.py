"""The status service's process, from the environment to its exit code.

Exit codes: 0 stopped, 1 the trainer's view is not whole, 2 settings.
"""

import logging
import os
import sys
from typing import NoReturn

from kit.contract.protocol import BAD_CONFIGURATION, ConfigurationError, start_logging
from kit.server.errors import StartupError
from kit.status.trainer import Trainer

log = logging.getLogger("status")

# The time after SIGTERM in which the gateway stops sending. Present answers get 10 s more.
DRAIN_SECONDS = 3.0
FINISH_SECONDS = 10


def main(trainer: Trainer) -> None:
    """Serve the page until a signal."""
    try:
        settings = trainer.settings.from_environment(os.environ)
    except ConfigurationError as error:
        _exit(error, BAD_CONFIGURATION)
    start_logging(settings.log_level)
    # httpx would log every request, and there are a few a second.
    logging.getLogger("httpx").setLevel(logging.WARNING)

    # Import late, so that wrong settings are reported at once.
    from kit.server.asgi import server_config
    from kit.server.draining import DrainingServer
    from kit.status.app import StatusService

    try:
        service = StatusService(trainer, settings)
    except StartupError as error:
        _exit(error, error.exit_code)
    log.info("the status page of %s is on port %d, at /status", settings.environment, settings.port)
    config = server_config(service, settings.port, FINISH_SECONDS, lifespan="on")
    # If the port is taken, the process ends with uvicorn's own exit code and reason.
    DrainingServer(config, service, DRAIN_SECONDS).run()


def _exit(error: Exception, code: int) -> NoReturn:
    print(f"cannot show the status:\n{error}", file=sys.stderr, flush=True)
    raise SystemExit(code) from None
