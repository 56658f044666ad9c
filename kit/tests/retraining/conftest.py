"""A service with its own clock, a small trainer, and an MLflow that can go away."""

import asyncio
import datetime
import json
import sys
from pathlib import Path

import pytest

from kit.retraining.mlflow import Mlflow
from kit.retraining.programs import Programs
from kit.retraining.retrainer import Retrainer
from kit.retraining.settings import Settings
from kit.retraining.training import Training

from .rest_server import RestServer

HERE = Path(__file__).parent
PROGRAMS = Programs(
    train=(sys.executable, str(HERE / "fake_trainer.py")), check=(sys.executable, str(HERE / "fake_check.py"))
)
RESULT = {
    "version": "4", "attemptRunId": "beef", "reproduced": False, "gate": {"passed": True, "reasons": []},
}  # fmt: skip
REFUSED, WARNED = (
    RESULT | {"gate": {"passed": passed, "reasons": ["too low", "too few"]}} for passed in (False, True)
)
START = datetime.datetime(2026, 1, 31, 16, 34, 0, 820_000, datetime.UTC)


class SetClock:
    """A clock that a test moves. It moves at once when somebody sleeps."""

    def __init__(self, now=START):
        self.time = now
        self.slept: list[float] = []

    def now(self):
        return self.time

    def move(self, **by):
        self.time += datetime.timedelta(**by)

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.move(seconds=seconds)
        await asyncio.sleep(0.005)


class Plan:
    """The trainer's next actions, and the input that it got."""

    def __init__(self, folder):
        self.folder = folder
        self.set(result=RESULT)

    def set(self, **plan):
        (self.folder / "plan.json").write_text(json.dumps(plan))

    @property
    def started(self):
        path = self.folder / "started"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def plan(tmp_path):
    return Plan(tmp_path)


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def rest():
    server = RestServer()
    yield server
    server.go()


@pytest.fixture
def service(rest, plan, clock):
    """Run a coroutine function with a service, once for each restart."""

    def run(use, **changes):
        async def inside():
            settings = Settings(
                tracking_uri=rest.address,
                experiment_name="seismic-dev",
                model_name="SeismicClassifier",
                **changes,
            )
            mlflow = Mlflow(settings.tracking_uri, settings.experiment_name, settings.model_name)
            training = Training({"FOLDER": str(plan.folder)}, PROGRAMS.train)
            retrainer = Retrainer(settings, mlflow, training, clock)
            delivering = asyncio.create_task(retrainer.ledger.deliver())
            try:
                return await asyncio.wait_for(use(retrainer), 60)
            finally:
                delivering.cancel()
                await retrainer.stop()
                await mlflow.close()

        return asyncio.run(inside())

    return run


async def until(condition):
    """Wait until something is true."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)
