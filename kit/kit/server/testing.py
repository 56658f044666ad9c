"""For the tests of a service: requests to it in this process, without a socket."""

import asyncio
from typing import Any

import httpx


def ask(
    service: Any, method: str, path: str, *, raises_errors: bool = True, **request: Any
) -> httpx.Response:
    """The answer of an ASGI application to one request.

    Parameters
    ----------
    raises_errors : whether an error of the application itself is raised here, instead of its answer 500.
    request : what httpx takes for a request, such as `json` or `headers`.
    """

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(service, raise_app_exceptions=raises_errors)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **request)

    return asyncio.run(once())
