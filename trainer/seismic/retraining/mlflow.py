"""The few requests of MLflow's REST API that the service needs; its client would take 200 MB.

Source: https://mlflow.org/docs/latest/api_reference/rest-api.html
"""

import asyncio
import contextlib
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

# Whoever sends an alert waits for the decision.
PATIENCE_SECONDS = 5.0
MISSING = "RESOURCE_DOES_NOT_EXIST"
MOST_RUNS = 50
LONGEST_REASON = 200


class NoAnswer(Exception):
    """MLflow does not answer, or fails."""


class Refused(Exception):
    """MLflow answered that it cannot do what was asked; `missing` if that is for want of what was named."""

    def __init__(self, message: str, missing: bool):
        super().__init__(message)
        self.missing = missing


@dataclass(frozen=True)
class RunningRun:
    """A run that MLflow shows as RUNNING."""

    run_id: str
    token: str
    started: datetime.datetime


class Mlflow:
    """One environment's MLflow. Every method raises NoAnswer within PATIENCE_SECONDS, or Refused."""

    def __init__(self, address: str, experiment: str, model: str):
        self._experiment = experiment
        self._model = model
        self._client = httpx.AsyncClient(
            base_url=f"{address.rstrip('/')}/api/2.0/mlflow/", timeout=PATIENCE_SECONDS
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def running(self) -> list[RunningRun]:
        """The runs of the experiment that have not ended; none if there is no experiment yet."""
        try:
            found = await self._ask("GET", "experiments/get-by-name", {"experiment_name": self._experiment})
        except Refused as refusal:
            if refusal.missing:
                return []
            raise
        with _as_agreed():
            query = {
                "experiment_ids": [found["experiment"]["experiment_id"]],
                "filter": "attributes.status = 'RUNNING'",
                "max_results": MOST_RUNS,
            }
        answer = await self._ask("POST", "runs/search", query)
        with _as_agreed():
            return [_running(run) for run in answer.get("runs", [])]

    async def tags(self) -> dict[str, str]:
        """The registered model's own tags; none if there is no such model yet."""
        try:
            found = await self._ask("GET", "registered-models/get", {"name": self._model})
        except Refused as refusal:
            if refusal.missing:
                return {}
            raise
        with _as_agreed():
            return _tags(found["registered_model"])

    async def set_tag(self, key: str, value: str) -> None:
        """Set a tag of the registered model."""
        tag = {"name": self._model, "key": key, "value": value}
        await self._ask("POST", "registered-models/set-tag", tag)

    async def _ask(self, method: str, path: str, given: dict[str, Any]) -> dict[str, Any]:
        content = {"params": given} if method == "GET" else {"json": given}
        try:
            # httpx bounds each read; a server that trickles would hold us for as long as it likes.
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._client.request(method, path, **content)
        except (httpx.HTTPError, TimeoutError) as error:
            raise NoAnswer(f"MLflow does not answer ({type(error).__name__})") from error
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise NoAnswer(f"what answers as MLflow says {answer.status_code} and no JSON object")
        if answer.status_code == httpx.codes.OK:
            return body
        told = f"{path}: {answer.status_code} {str(body.get('message', ''))[:LONGEST_REASON]}"
        if answer.is_server_error:
            raise NoAnswer(f"MLflow fails at {told}")
        raise Refused(f"MLflow refuses {told}", body.get("error_code") == MISSING)


def _running(run: dict[str, Any]) -> RunningRun:
    started = datetime.datetime.fromtimestamp(int(run["info"]["start_time"]) / 1000, datetime.UTC)
    return RunningRun(run["info"]["run_id"], _tags(run["data"]).get("run_token", ""), started)


def _tags(entity: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in entity.get("tags", [])}


@contextlib.contextmanager
def _as_agreed() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise NoAnswer(f"what answers as MLflow does not answer as agreed ({error!r})") from error
