"""The service's requests to MLflow."""

import asyncio
import contextlib
import datetime
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from typing import Any

from kit.registry.names import RUN_TOKEN
from kit.registry.rest import Rest, tags_of
from kit.server.client import NoAnswer, client

# The sender of an alert waits for the decision.
PATIENCE_SECONDS = 5.0
MOST_RUNS = 50


@dataclass(frozen=True)
class RunningRun:
    """A run that MLflow shows as RUNNING."""

    run_id: str
    token: str
    started: datetime.datetime


class Mlflow:
    """One environment's MLflow. A method raises NoAnswer or Refused within PATIENCE_SECONDS a request."""

    def __init__(self, address: str, experiment: str, model: str):
        self._experiment = experiment
        self._model = model
        self._http = client()
        self._rest = Rest(address, self._http)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def running(self) -> list[RunningRun]:
        """The experiment's runs that have not ended; empty if there is no experiment yet."""
        found = await _soon(
            self._rest.find("experiments/get-by-name", "experiment", experiment_name=self._experiment)
        )
        if not found:
            return []
        with _as_agreed():
            experiment_id = found["experiment_id"]
        runs = await _soon(self._rest.runs(experiment_id, "attributes.status = 'RUNNING'", MOST_RUNS))
        with _as_agreed():
            return [_running(run) for run in runs]

    async def tags(self) -> dict[str, str]:
        """The registered model's own tags; empty if the model does not exist yet."""
        found = await _soon(self._rest.find("registered-models/get", "registered_model", name=self._model))
        with _as_agreed():
            return tags_of(found)

    async def set_tag(self, key: str, value: str) -> None:
        """Set a tag of the registered model."""
        await _soon(self._rest.post("registered-models/set-tag", name=self._model, key=key, value=value))


async def _soon[Answer](asked: Awaitable[Answer]) -> Answer:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await asked
    except TimeoutError as error:
        raise NoAnswer(f"MLflow does not answer within {PATIENCE_SECONDS:g} s") from error


def _running(run: dict[str, Any]) -> RunningRun:
    started = datetime.datetime.fromtimestamp(int(run["info"]["start_time"]) / 1000, datetime.UTC)
    return RunningRun(run["info"]["run_id"], tags_of(run["data"]).get(RUN_TOKEN, ""), started)


@contextlib.contextmanager
def _as_agreed() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise NoAnswer(f"what answers as MLflow does not answer as agreed ({error!r})") from error
