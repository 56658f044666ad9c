"""`python -m tabular.serving`: one registered version over HTTP."""

import os
import signal
import sys
import time
from typing import Annotated, Any

import pandas as pd
import uvicorn
from fastapi import FastAPI, HTTPException, Response
from mlflow.exceptions import MlflowException
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, Info, generate_latest
from pydantic import BaseModel, Field
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from tabular import contract
from tabular.contract import Failure
from tabular.learning import predictions
from tabular.model_files import ModelFiles, Unusable
from tabular.registry import connect, is_unreachable

BAD_MODEL = 3
DRAIN_SECONDS, FINISH_SECONDS, KEEP_ALIVE_SECONDS, MOST_ROWS = 3.0, 10, 75, 10_000


class Settings(contract.Settings):
    """The settings of the service."""

    mlflow_tracking_uri: contract.Address
    model_name: str
    model_version: str
    model_sha256: str
    model_files_sha256: str = ""
    port: contract.Port = 8000
    metrics_port: contract.Port | None = None
    environment: str = ""
    release_ref: str = ""
    git_commit: str = ""
    git_dirty: contract.Boolean = "false"
    image: str = ""
    mlflow_retry_seconds: contract.Seconds = 30.0


Row = dict[str, Annotated[float, Field(allow_inf_nan=False)]]


class One(BaseModel):
    """Body of /predict: a number for each column."""

    row: Row


class Many(BaseModel):
    """Body of /batch_predict."""

    rows: Annotated[list[Row], Field(max_length=MOST_ROWS)]


def load(settings: Settings) -> tuple[Pipeline, dict[str, float]]:
    """The version that the settings name, and a row to try it with. MLflow is not needed afterwards."""
    connect(settings.mlflow_tracking_uri, settings.mlflow_retry_seconds)
    address = f"models:/{settings.model_name}/{settings.model_version}"
    try:
        files = ModelFiles.fetch(address)
        return files.load(settings.model_sha256, settings.model_files_sha256), files.example()
    except Unusable as error:
        raise Failure(BAD_MODEL, f"MODEL_SHA256, MODEL_FILES_SHA256: {address}: {error}") from error
    except (MlflowException, OSError) as error:
        if is_unreachable(error):
            raise Failure(contract.UNREACHABLE, f"MLFLOW_TRACKING_URI: no answer ({error})") from error
        raise Failure(BAD_MODEL, f"MODEL_VERSION: {address} does not load ({error}); train again") from error


class HeadAsGet:
    """Answers HEAD like GET, because FastAPI's routes refuse HEAD. The server leaves the body out."""

    def __init__(self, app: Any):
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        is_head = scope.get("method") == "HEAD"
        await self._app(scope | {"method": "GET"} if is_head else scope, receive, send)


class Service:
    """The API of one pipeline. `draining` is true when it is about to stop."""

    def __init__(self, pipeline: Pipeline, sample: dict[str, float], settings: Settings):
        self.draining = False
        self._pipeline, self._columns = pipeline, pipeline.feature_names_in_.tolist()
        self._version = {"version": settings.model_version}
        # The deployment's alerts and dashboards use these names.
        self._predicted = Counter("model_predictions", "Classified rows.", ("class", "version"))
        self._latency = Histogram("model_prediction_latency_seconds", "Of a request.", ("endpoint",))
        Info("model", "What is served.").info(self._version | {"sha256": settings.model_sha256})
        who = {
            "model_name": settings.model_name, "model_version": settings.model_version,
            "model_sha256": settings.model_sha256, "commit": settings.git_commit,
            "dirty": settings.git_dirty == "true", "release": settings.release_ref,
            "environment": settings.environment, "image": settings.image,
        }  # fmt: skip
        self.api = FastAPI(title=settings.model_name, description="Classifies rows of a table.")
        self.api.add_middleware(HeadAsGet)
        self.api.get("/health")(lambda: {"status": "ok"})
        self.api.get("/ready")(self._ready)
        self.api.get("/version")(lambda: who)
        self.api.get("/sample")(lambda: {"row": sample})
        self.api.get("/metrics")(lambda: Response(generate_latest(), media_type=CONTENT_TYPE_LATEST))
        self.api.post("/predict")(self._predict)
        self.api.post("/batch_predict")(self._batch_predict)

    def _ready(self, response: Response) -> dict[str, bool]:
        response.status_code = 503 if self.draining else 200
        return {"ready": not self.draining}

    def _predict(self, body: One) -> dict[str, Any]:
        with self._latency.labels("/predict").time():
            return self._answers([body.row], "row")[0] | self._version

    def _batch_predict(self, body: Many) -> dict[str, Any]:
        with self._latency.labels("/batch_predict").time():
            return {"predictions": self._answers(body.rows, "rows")} | self._version

    def _answers(self, rows: list[Row], where: str) -> list[dict[str, Any]]:
        for row in rows:
            if other := sorted(set(row) ^ set(self._columns)):
                problem = f"{where}: missing or unknown: {', '.join(other)}"
                raise HTTPException(422, f"{problem}; expected {', '.join(self._columns)}")
        answers = predictions(self._pipeline, pd.DataFrame(rows, columns=self._columns)) if rows else []
        for answer in answers:
            self._predicted.labels(answer["class"], self._version["version"]).inc()
        return answers


class Server(uvicorn.Server):
    """Keeps serving for a while after SIGTERM, but as "not ready", so that the gateway first stops sending.
    """

    stop_at: float | None = None

    def __init__(self, config: uvicorn.Config, service: Service):
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: object) -> None:
        """Drain after the first SIGTERM. Stop after SIGINT, or after a second signal."""
        waits = sig == signal.SIGTERM and not self._service.draining
        self._service.draining = True
        self.stop_at = time.monotonic() + (DRAIN_SECONDS if waits else 0)

    async def on_tick(self, counter: int) -> bool:
        """Called by uvicorn ten times a second."""
        self.should_exit = self.should_exit or (self.stop_at is not None and time.monotonic() >= self.stop_at)
        return await super().on_tick(counter)


def main() -> int:
    """Serve until a signal. docs/serving.md has the exit codes."""
    try:
        settings = Settings.read(os.environ)
        with threadpool_limits(1):
            service = Service(*load(settings), settings)
            configs = [
                uvicorn.Config(
                    service.api, host="0.0.0.0", port=port, log_config=None, access_log=False,
                    timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=FINISH_SECONDS,
                    headers=[("x-model-version", settings.model_version)],
                )
                for port in (settings.port, settings.metrics_port)
                if port
            ]  # fmt: skip
            Server(configs[0], service).run([config.bind_socket() for config in configs])
    except Failure as error:
        print(error, file=sys.stderr)
        return error.code
    return contract.OK


if __name__ == "__main__":
    sys.exit(main())
