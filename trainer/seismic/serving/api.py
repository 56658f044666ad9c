"""All endpoints except the predictions, and the OpenAPI document of all endpoints."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from kit.server.asgi import HeadAsGet
from kit.server.errors import RequestError

from . import reference, schemas
from .metrics import Metrics
from .model import ServedModel
from .settings import Settings

TITLE = "Seismic trace classification"
DESCRIPTION = "Classifies seismic traces with one pinned version of a registered model."


class Health(BaseModel):
    """The process answers."""

    status: str


class Ready(BaseModel):
    """The model version that predicts."""

    ready: bool
    version: str
    sha256: str


class ModelInfo(BaseModel):
    """The model version and the run that made it."""

    name: str
    version: str
    sha256: str
    classes: list[str]
    n_samples: int
    interval_us: float
    classifier: str
    feature_names: list[str]
    trained_at: datetime | None
    run_id: str | None
    metrics: dict[str, float]
    parameters: dict[str, str]
    tags: dict[str, str]


class Sample(BaseModel):
    """A trace to try /predict with."""

    trace: list[float]


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
    # FastAPI's own pages load their scripts from a CDN, and environments have no internet.
    api = FastAPI(title=TITLE, description=DESCRIPTION, version=model.version, docs_url=None, redoc_url=None)

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

    features, classifier = model.pipeline.steps[0][1], model.pipeline.steps[-1][1]
    described = ModelInfo(
        name=model.name,
        version=model.version,
        sha256=model.sha256,
        classes=list(model.classes),
        n_samples=model.n_samples,
        interval_us=model.interval_us,
        classifier=type(classifier).__name__,
        feature_names=[str(name) for name in features.get_feature_names_out()],
        **{"trained_at": None, "run_id": None, "metrics": {}, "parameters": {}, "tags": {}, **model.details},
    )

    @api.get("/model_info", tags=["model"])
    async def model_info() -> ModelInfo:
        """The model, its metrics and its lineage, as MLflow had them when the service started."""
        return described

    @api.get("/sample", tags=["model"], responses={404: schemas.error("The trainer kept no example")})
    async def sample() -> Sample:
        """A trace of the survey that the model was trained on, in the form that /predict takes."""
        if model.sample is None:
            raise HTTPException(404, "this model version keeps no example")
        return Sample(trace=model.sample.tolist())

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
        return HTMLResponse(reference.render(api.openapi()))

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


def _openapi(api: FastAPI, model: ServedModel, settings: Settings) -> dict[str, Any]:
    if api.openapi_schema is None:
        document = get_openapi(
            title=api.title, version=api.version, description=api.description, routes=api.routes
        )
        schemas.add_predictions(document, model, settings)
        schemas.add_common_errors(document)
        api.openapi_schema = document
    return api.openapi_schema
