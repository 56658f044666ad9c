"""Requests of services inside the network: bounded answers, no proxies, no redirects."""

from typing import Any

import httpx

# No intended answer is longer. A server that sends without end must not fill the memory.
LARGEST_ANSWER = 4 << 20
CONNECT_SECONDS = 2.0


class NoAnswer(Exception):
    """There is no answer, or not the intended one. The message names the server and the problem."""


def client() -> httpx.AsyncClient:
    """An HTTP client. The callers set time limits."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS), trust_env=False, follow_redirects=False
    )


async def read(
    http: httpx.AsyncClient, method: str, url: str, limit: int = LARGEST_ANSWER, **request: Any
) -> tuple[int, bytes]:
    """Status and body of one answer.

    Raises
    ------
    NoAnswer : nobody answers, or the answer has more than `limit` bytes.
    """
    try:
        async with http.stream(method, url, **request) as answer:
            parts, size = [], 0
            async for part in answer.aiter_bytes():
                size += len(part)
                if size > limit:
                    raise NoAnswer(f"{url} sends more than {limit} bytes")
                parts.append(part)
            return answer.status_code, b"".join(parts)
    except httpx.HTTPError as error:
        raise NoAnswer(f"{url} does not answer: {error or type(error).__name__}") from error
