"""Bounds the room of all bodies together. Each body arrives as slowly as its client sends it."""

import asyncio

from kit.server.errors import RequestError

# A complete body gives its room back within seconds. If none does, too many bodies arrive at once.
ROOM_SECONDS = 10.0


class Room:
    """The bytes that bodies may hold at once, in memory or on the disk. Only arrived bytes count.

    A stalled client holds no more than it has sent, and nobody waits for it.
    """

    def __init__(self, size: int) -> None:
        self._free = size
        self._given = asyncio.Condition()

    async def take(self, size: int) -> None:
        """Wait for so many bytes. Raises RequestError (503) if they do not become free in time."""
        if self._free < size:
            try:
                async with asyncio.timeout(ROOM_SECONDS), self._given:
                    await self._given.wait_for(lambda: self._free >= size)
            except TimeoutError:
                message = "too many large bodies arrive at once; send it again later"
                raise RequestError(503, "busy", "body", message) from None
        self._free -= size

    async def give(self, size: int) -> None:
        """Give bytes back."""
        self._free += size
        async with self._given:
            self._given.notify_all()
