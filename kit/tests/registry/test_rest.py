"""Signing in at MLflow."""

import asyncio
from base64 import b64encode

import httpx
import pytest

from kit.registry.rest import Rest


def header_of(call, *login) -> str | None:
    """The header Authorization of the request that a call sends."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    async def send() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            await call(Rest("http://access:5000", http, *login))

    asyncio.run(send())
    (request,) = asked
    return request.headers.get("authorization")


@pytest.mark.parametrize(
    "call",
    [
        lambda rest: rest.get("runs/get", run_id="r"),
        lambda rest: rest.post("runs/search"),
        lambda rest: rest.artifact("r", "report.json", 100),
    ],
)
def test_every_request_signs_in_if_there_is_a_login(call):
    assert header_of(call, ("status", "p:ss")) == f"Basic {b64encode(b'status:p:ss').decode()}"
    assert header_of(call) is None
