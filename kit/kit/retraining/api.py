"""The service's endpoints."""

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from kit.retraining import alerts
from kit.retraining.decisions import DECLINED, NO_MLFLOW
from kit.server.asgi import HeadAsGet

if TYPE_CHECKING:
    from kit.retraining.retrainer import Retrainer

MOST_BYTES = 1 << 20


def build_api(retrainer: "Retrainer") -> FastAPI:
    """The ASGI application."""
    api = FastAPI(openapi_url=None)

    api.add_middleware(HeadAsGet)

    @api.post("/alerts")
    async def receive_alerts(request: Request) -> Response:
        body = await _read(request)
        if body is None:
            return _error(413, f"body: expected at most {MOST_BYTES} bytes")
        try:
            webhook = alerts.parse(body)
        except alerts.Malformed as error:
            return _error(400, str(error))
        asking = alerts.asking(webhook, retrainer.settings.alerts)
        if not asking:
            names = ", ".join(retrainer.settings.alerts)
            return JSONResponse({"outcome": "ignored", "reason": f"none of {names} fires"}, 202)
        # A new alert may come together with an old one that is dealt with.
        chosen = next((one for one in asking if not retrainer.ledger.is_dealt_with(one.identity)), asking[0])
        decision = await retrainer.request_by_alert(chosen.labels["alertname"], chosen.identity)
        # After a 503, Alertmanager asks again soon. Otherwise it asks only when it repeats itself, hours
        # later.
        is_refused = decision.outcome == DECLINED and decision.reason.startswith(NO_MLFLOW)
        return JSONResponse(decision.as_json(), 503 if is_refused else 202)

    @api.post("/runs")
    async def start_run(request: Request) -> Response:
        # The gateway has asked for the user's password, and tells the name.
        decision = await retrainer.request_by_user(request.headers.get("x-user", "unknown"))
        return JSONResponse(decision.as_json(), 409 if decision.outcome == DECLINED else 202)

    @api.get("/decisions")
    async def list_decisions() -> dict[str, Any]:
        ledger = retrainer.ledger
        return {
            "decisions": [decision.as_json() for decision in ledger.latest],
            "undelivered": ledger.undelivered,
        }

    @api.get("/metrics")
    async def show_metrics() -> Response:
        return Response(retrainer.metrics.render(), media_type=retrainer.metrics.content_type)

    @api.get("/health")
    async def tell_health() -> dict[str, str]:
        return {"status": "ok"}

    @api.get("/ready")
    async def tell_readiness() -> Response:
        stopping = retrainer.is_stopping
        return JSONResponse({"status": "stopping" if stopping else "ready"}, 503 if stopping else 200)

    return api


async def _read(request: Request) -> bytes | None:
    """The body, or None if it is too large."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return None
    return body


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)
