"""The service's process, from the environment to its exit code.

Exit codes: 0 stopped, 1 a defect, 2 settings, 3 (uvicorn's) the port is taken.
"""

import asyncio
import logging
import signal
from collections.abc import Mapping, Sequence
from types import FrameType

import uvicorn

from kit.contract import protocol, termination
from kit.retraining.api import build_api
from kit.retraining.mlflow import Mlflow
from kit.retraining.programs import Programs
from kit.retraining.retrainer import Retrainer
from kit.retraining.schedule import Clock
from kit.retraining.settings import Settings
from kit.retraining.training import Training
from kit.server.asgi import server_config

# The time for answers that are under way at the signal. An answer needs at most two requests to MLflow.
FINISH_SECONDS = 10

log = logging.getLogger("retraining")


def run(environment: Mapping[str, str], programs: Programs) -> int:
    """Serve until a signal, and return the exit code."""
    termination.terminate_on_sigterm()
    protocol.start_logging("INFO")
    try:
        settings = Settings.checked(environment, programs.check)
        protocol.start_logging(settings.log_level)
        asyncio.run(_serve(settings, environment, programs.train))
    except protocol.ConfigurationError as error:
        log.error("the configuration is wrong:\n%s", error)
        return protocol.BAD_CONFIGURATION
    except protocol.Terminated:
        log.info("stopped before it was ready")
    return protocol.OK


class Server(uvicorn.Server):
    """A server without uvicorn's own end, which would send the process the signal once more."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop."""
        self.should_exit = True


async def _serve(settings: Settings, environment: Mapping[str, str], command: Sequence[str]) -> None:
    mlflow = Mlflow(settings.tracking_uri, settings.experiment_name, settings.model_name)
    retrainer = Retrainer(settings, mlflow, Training(environment, command), Clock())
    server = Server(server_config(build_api(retrainer), settings.port, FINISH_SECONDS))
    # uvicorn takes over from here. It restores this handler later, so a second signal does not interrupt the
    # end.
    signal.signal(signal.SIGTERM, server.handle_exit)
    log.info(
        "listening on port %d; alerts: %s; schedule: %s",
        settings.port, ", ".join(settings.alerts), settings.schedule or "none",
    )  # fmt: skip
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(retrainer.ledger.deliver())]
            if retrainer.ticker is not None:
                tasks.append(group.create_task(retrainer.ticker.run()))
            await server.serve()
            log.info("stopping")
            # Delivering stops here. `stop` delivers the last decisions, in their order.
            for task in tasks:
                task.cancel()
            await retrainer.stop()
    finally:
        await mlflow.close()
