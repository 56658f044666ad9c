"""What the prediction endpoints need of HTTP, straight on ASGI: bounded bodies, answers in one piece."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from .errors import RequestError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

JSON = b"application/json"
# A batch arrives within this time or its client is told so: a stalled one must not hold a place for ever.
BODY_SECONDS = 60.0


class ClientGone(Exception):
    """The client closed the connection; there is nobody to answer."""


class Body:
    """A request's headers and its body, never more than `limit` bytes of it."""

    def __init__(self, scope: Message, receive: Receive, limit: int) -> None:
        self.scope = scope
        self.limit = limit
        self._receive = receive
        self._received = 0
        headers = dict(scope["headers"])
        self.content_type = headers.get(b"content-type", b"")
        self.media_type = self.content_type.partition(b";")[0].strip().lower()
        if b"content-encoding" in headers:
            raise RequestError(415, "content_type", "content-encoding", "expected a body without compression")
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > limit:
            raise self._too_large()

    async def receive(self) -> Message:
        """The next ASGI message, counted; raises RequestError beyond the limit or ClientGone."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        self._received += len(message.get("body", b""))
        if self._received > self.limit:
            raise self._too_large()
        return message

    async def read(self) -> bytes:
        """All of the body."""
        message = await self.receive()
        if not message.get("more_body", False):
            return message.get("body", b"")
        parts = [message.get("body", b"")]
        async for part in self.parts():
            parts.append(part)
        return b"".join(parts)

    async def parts(self) -> AsyncIterator[bytes]:
        """The body in pieces as they arrive."""
        more = True
        while more:
            message = await self.receive()
            more = message.get("more_body", False)
            yield message.get("body", b"")

    def _too_large(self) -> RequestError:
        return RequestError(413, "too_large", "body", f"expected at most {self.limit} bytes")


class body_timeout:
    """Turns a body that does not arrive within BODY_SECONDS into a 408."""

    def __init__(self) -> None:
        self._timeout = asyncio.timeout(BODY_SECONDS)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *exception: Any) -> None:
        try:
            await self._timeout.__aexit__(*exception)
        except TimeoutError:
            raise RequestError(
                408, "timeout", "body", f"expected the whole body within {BODY_SECONDS:.0f} s"
            ) from None


async def answer(
    send: Send,
    status: int,
    body: bytes,
    content_type: bytes = JSON,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> None:
    """Send a complete response."""
    fields = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *(headers or ())]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})
