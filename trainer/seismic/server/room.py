"""Bounds what bodies take together, while each arrives as slowly as its client sends it."""

import asyncio

from seismic.server.errors import RequestError

# Bodies that are whole give their room back within seconds. When nobody does, those that arrive are too many.
ROOM_SECONDS = 10.0


class Room:
    """Bytes that bodies may hold at once, in memory or on the disk: what has come, not what was announced.

    A client that stalls holds no more than it has sent, and nobody waits for it.
    """

    def __init__(self, size: int) -> None:
        self._free = size
        self._given = asyncio.Condition()

    async def take(self, size: int) -> None:
        """Wait for so many bytes; raises RequestError (503) when none get free in time."""
        if self._free < size:
            try:
                async with asyncio.timeout(ROOM_SECONDS), self._given:
                    await self._given.wait_for(lambda: self._free >= size)
            except TimeoutError:
                message = "too many large bodies arrive at once; send it again later"
                raise RequestError(503, "busy", "body", message) from None
        self._free -= size

    async def give(self, size: int) -> None:
        """Give back what was taken."""
        self._free += size
        async with self._given:
            self._given.notify_all()
