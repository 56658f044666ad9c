"""The status service's process, from the environment to its exit code: 0 stopped, 2 wrong settings."""

import logging
import os
import sys

from kit.contract.protocol import BAD_CONFIGURATION, ConfigurationError, start_logging

from .settings import Settings

log = logging.getLogger("seismic.status")

# The time after SIGTERM in which the gateway stops sending. Present answers get 10 s more.
DRAIN_SECONDS = 3.0
FINISH_SECONDS = 10


def main() -> None:
    """Serve the page until a signal."""
    try:
        settings = Settings.from_environment(os.environ)
    except ConfigurationError as error:
        print(f"cannot show the status:\n{error}", file=sys.stderr, flush=True)
        raise SystemExit(BAD_CONFIGURATION) from None
    start_logging(settings.log_level)
    # httpx would log every request, and there are a few a second.
    logging.getLogger("httpx").setLevel(logging.WARNING)

    # Import late, so that wrong settings are reported at once.
    from kit.server.asgi import server_config
    from kit.server.draining import DrainingServer

    from .app import StatusService

    service = StatusService(settings)
    log.info("the status page of %s is on port %d, at /status", settings.environment, settings.port)
    config = server_config(service, settings.port, FINISH_SECONDS, lifespan="on")
    # If the port is taken, the process ends with uvicorn's own exit code and reason.
    DrainingServer(config, service, DRAIN_SECONDS).run()
