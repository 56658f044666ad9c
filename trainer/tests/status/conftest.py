import pytest

from kit.server.testing import ask
from kit.status.app import StatusService
from seismic.status.trainer import TRAINER


class Caller:
    """Sends requests to a service in this process."""

    def __init__(self, service):
        self.service = service

    def request(self, method, path, **request):
        return ask(self.service, method, path, raises_errors=False, **request)

    def get(self, path, **request):
        return self.request("GET", path, **request)


@pytest.fixture
def environment():
    # Nothing answers there, and no test asks its sources.
    return {
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:1",
        "MLFLOW_EXPERIMENT_NAME": "seismic-dev",
        "MODEL_NAME": "Seismic",
        "ENVIRONMENT": "dev",
        "STACK": "org/seismic/dev",
    }


@pytest.fixture
def make(environment):
    """A service of this trainer."""

    def made(**changes):
        return StatusService(TRAINER, TRAINER.settings.from_environment({**environment, **changes}))

    return made


@pytest.fixture
def caller(make):
    return Caller(make())
