import asyncio

import pytest

from kit.server.testing import ask
from kit.status.app import StatusService
from kit.status.trainer import Trainer

from .servers import Mlflow, Replica

TRAINER = Trainer(rows="customers")


@pytest.fixture
def mlflow():
    server = Mlflow()
    yield server
    server.close()


@pytest.fixture
def replicas():
    """Starts replicas on one port of 127.0.0.1, 127.0.0.2, ..."""
    started = []

    def start(count=1, **options):
        for _ in range(count):
            port = started[0].port if started else 0
            started.append(Replica(f"127.0.0.{len(started) + 1}", port, **options))
        return started

    yield start
    for each in started:
        each.close()


@pytest.fixture
def environment(mlflow):
    return {
        "MLFLOW_TRACKING_URI": mlflow.url,
        "MLFLOW_EXPERIMENT_NAME": "seismic-dev",
        "MODEL_NAME": "Seismic",
        "ENVIRONMENT": "dev",
        "STACK": "org/seismic/dev",
    }


@pytest.fixture
def make(environment, replicas):
    """A trainer's service with these replicas. The test asks its sources, not a timer."""

    def made(count=1, trainer=TRAINER, **changes):
        started = replicas(count)
        settings = trainer.settings.from_environment(
            {**environment, "SERVING_METRICS_PORT": str(started[0].port), **changes}
        )

        async def resolve(host, port):
            return [each.host for each in started]

        return StatusService(trainer, settings, resolve)

    return made


class Caller:
    """Sends requests to a service in this process, and asks the service's sources."""

    def __init__(self, service):
        self.service = service
        self.serving, self.mlflow = service.sources

    def run(self, work):
        return asyncio.run(work)

    def request(self, method, path, **request):
        return ask(self.service, method, path, raises_errors=False, **request)

    def get(self, path, **request):
        return self.request("GET", path, **request)

    def data(self):
        return self.get("/status/data").json()

    def ask(self, *sources):
        """Ask each source once, with its own connection, because a loop does not outlive `run`."""

        async def once():
            for source in sources or (self.serving, self.mlflow):
                await source.once()
            await self.service._http._transport.aclose()

        asyncio.run(once())

    def gauges(self):
        """Metrics without labels, by name."""
        lines = self.get("/metrics").text.splitlines()
        return {
            line.split()[0]: float(line.split()[1])
            for line in lines
            if not line.startswith(("#", "process_")) and "{" not in line
        }


@pytest.fixture
def caller(make):
    return Caller(make())
