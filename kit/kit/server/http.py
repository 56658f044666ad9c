"""The HTTP of the prediction endpoints, directly on ASGI: bounded bodies, answers in one piece."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Self

from kit.server.asgi import Message, Receive, Send
from kit.server.errors import RequestError
from kit.server.room import Room

JSON = b"application/json"
# A file as it is, without a form around it.
RAW = b"application/octet-stream"
# A batch must arrive within this time, or its client gets an error: a stalled client must not keep its room
# for ever.
BODY_SECONDS = 60.0
# Longer than a network needs to go on after a loss.
IDLE_SECONDS = 10.0


class ClientGone(Exception):
    """The client closed the connection, so nobody waits for an answer."""


class Body:
    """A request's headers and its body. At most `limit` bytes of the body are read."""

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
        """The next ASGI message, counted. Raises RequestError beyond the limit, or ClientGone."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        self._received += len(message.get("body", b""))
        if self._received > self.limit:
            raise self._too_large()
        return message

    async def read(self) -> bytes | bytearray:
        """The whole body."""
        message = await self.receive()
        if not message.get("more_body", False):
            return message.get("body", b"")
        # Do not join the parts at the end, because that would take the room twice.
        content = bytearray(message.get("body", b""))
        async for part in self.parts():
            content += part
        return content

    async def parts(self) -> AsyncIterator[bytes]:
        """The body in pieces, as they arrive."""
        more = True
        while more:
            message = await self.receive()
            more = message.get("more_body", False)
            yield message.get("body", b"")

    def _too_large(self) -> RequestError:
        return RequestError(413, "too_large", "body", f"expected at most {self.limit} bytes")


class LargeBody(Body):
    """A body that may arrive slowly. It holds room as long as it is used: `async with`."""

    def __init__(self, scope: Message, receive: Receive, limit: int, room: Room) -> None:
        super().__init__(scope, receive, limit)
        self._room = room
        self._held = 0

    async def __aenter__(self) -> Self:
        """Begin to hold room for the parts that arrive."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give the room back."""
        await self._room.give(self._held)

    async def receive(self) -> Message:
        """As for any body. Also raises RequestError when nothing comes in time, or when there is no room."""
        async with deadline(IDLE_SECONDS, "more of the body"):
            message = await super().receive()
        size = len(message.get("body", b""))
        await self._room.take(size)
        self._held += size
        return message


class deadline:
    """Turns a body that does not arrive in time into a 408."""

    def __init__(self, seconds: float, what: str) -> None:
        self._message = f"expected {what} within {seconds:.0f} s"
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *exception: Any) -> None:
        try:
            await self._timeout.__aexit__(*exception)
        except TimeoutError:
            raise RequestError(408, "timeout", "body", self._message) from None


def body_timeout() -> deadline:
    """The time in which a large body must arrive."""
    return deadline(BODY_SECONDS, "the whole body")


async def send_in_time(send: Send, message: Message) -> None:
    """Send a part of an answer that others wait for. Raises ClientGone if the client does not read it."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            await send(message)
    except TimeoutError:
        raise ClientGone from None


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
