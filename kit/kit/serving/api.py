"""All endpoints except the predictions, and the OpenAPI document of all endpoints."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, create_model
from starlette.exceptions import HTTPException

from kit.server.asgi import HeadAsGet
from kit.server.errors import RequestError
from kit.serving.metrics import Metrics
from kit.serving.model import ServedModel
from kit.serving.openapi import page, predictions
from kit.serving.settings import Settings
from kit.serving.tasks.task import Task


class Health(BaseModel):
    """The process answers."""

    status: str


class Ready(BaseModel):
    """The model version that predicts."""

    ready: bool
    version: str
    sha256: str


class Identity(BaseModel):
    """Which version predicts what."""

    name: str
    version: str
    sha256: str


class Learnt(BaseModel):
    """What the version learnt, and the run that made it."""

    feature_names: list[str]
    trained_at: datetime | None
    run_id: str | None
    metrics: dict[str, float]
    parameters: dict[str, str]
    tags: dict[str, str]


class Version(BaseModel):
    """Where the code and the model come from."""

    commit: str
    dirty: bool
    release: str
    environment: str
    image: str
    model_name: str
    model_version: str
    model_sha256: str


def build_api(
    model: ServedModel, settings: Settings, metrics: Metrics, is_draining: Callable[[], bool]
) -> FastAPI:
    """The FastAPI application of a service. When `is_draining` is true, the service is about to stop."""
    handler = model.handler
    api = FastAPI(
        title=handler.title,
        description=handler.description,
        version=model.version,
        # FastAPI's own pages load their scripts from a CDN, and environments have no internet.
        docs_url=None,
        redoc_url=None,
    )

    api.add_middleware(HeadAsGet)

    @api.get("/health", tags=["service"])
    async def health() -> Health:
        """Whether the process answers."""
        return Health(status="ok")

    @api.get(
        "/ready",
        tags=["service"],
        responses={503: {"model": Ready, "description": "The service is stopping"}},
    )
    async def ready(response: Response) -> Ready:
        """Whether to send requests here: this version is loaded and the service is not about to stop."""
        draining = is_draining()
        response.status_code = 503 if draining else 200
        return Ready(ready=not draining, version=model.version, sha256=model.sha256)

    described = _described(model)

    @api.get("/model_info", tags=["model"], response_model=type(described))
    async def model_info() -> BaseModel:
        """The model, its metrics and its lineage, as MLflow had them when the service started."""
        return described

    request = handler.request
    sample_of = create_model(
        "Sample",
        __doc__=f"A {request.field} to try /predict with.",
        **{request.field: (request.sample_type, ...)},
    )

    @api.get(
        "/sample",
        tags=["model"],
        description=request.sample,
        response_model=sample_of,
        responses={404: predictions.error("The trainer kept no example")},
    )
    async def sample() -> BaseModel:
        if model.sample is None:
            raise HTTPException(404, "this model version keeps no example")
        return sample_of(**{request.field: handler.as_json(model.sample)})

    @api.get("/version", tags=["model"])
    async def version() -> Version:
        """The commit, image and model version that answer."""
        return Version(
            commit=settings.git_commit,
            dirty=settings.git_dirty,
            release=settings.release_ref,
            environment=settings.environment,
            image=settings.image,
            model_name=model.name,
            model_version=model.version,
            model_sha256=model.sha256,
        )

    @api.get(
        "/metrics",
        name="metrics",
        tags=["service"],
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
    )
    async def figures() -> Response:
        """For Prometheus."""
        return Response(metrics.render(), media_type=metrics.content_type)

    @api.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page.render(api.openapi()))

    @api.exception_handler(HTTPException)
    async def failed(request: Request, error: HTTPException) -> Response:
        kind, field = {404: ("not_found", "path"), 405: ("method", "method")}.get(
            error.status_code, ("http", "request")
        )
        metrics.errors.labels(kind).inc()
        message = f"{request.method} {request.url.path}: {error.detail}; /docs lists what there is"
        body = RequestError(error.status_code, kind, field, message).body()
        return Response(body, error.status_code, error.headers, "application/json")

    api.openapi = lambda: _openapi(api, model, settings)
    return api


def _described(model: ServedModel) -> BaseModel:
    """The answer of /model_info. The trainer's own facts stand between what is known of every model."""
    handler, task, last = model.handler, model.task, model.pipeline.steps[-1][1]
    model_info = create_model(
        "ModelInfo",
        # pydantic takes fields from the last base first.
        __base__=(Learnt, _estimator(task), type(handler.facts), type(task.facts), Identity),
        __doc__="The model version and the run that made it.",
    )
    return model_info(
        name=model.name,
        version=model.version,
        sha256=model.sha256,
        feature_names=list(handler.feature_names),
        **task.facts.model_dump(),
        **handler.facts.model_dump(),
        **{task.estimator: type(last).__name__},
        **{"trained_at": None, "run_id": None, "metrics": {}, "parameters": {}, "tags": {}, **model.details},
    )


def _estimator(task: Task) -> type[BaseModel]:
    return create_model("Estimator", **{task.estimator: (str, ...)})


def _openapi(api: FastAPI, model: ServedModel, settings: Settings) -> dict[str, Any]:
    if api.openapi_schema is None:
        document = get_openapi(
            title=api.title, version=api.version, description=api.description, routes=api.routes
        )
        predictions.add_predictions(document, model, settings)
        predictions.add_common_errors(document)
        api.openapi_schema = document
    return api.openapi_schema
