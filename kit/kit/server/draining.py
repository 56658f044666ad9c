"""uvicorn with a stop that no client notices."""

import signal
import time
from types import FrameType
from typing import Protocol

import uvicorn


class Drains(Protocol):
    """A service that says it is not ready while `draining` is true."""

    draining: bool


class DrainingServer(uvicorn.Server):
    """Keeps serving for a while after SIGTERM, but as "not ready", so the gateway first stops sending."""

    def __init__(self, config: uvicorn.Config, service: Drains, grace_seconds: float) -> None:
        super().__init__(config)
        self._service = service
        self._grace_seconds = grace_seconds
        self._stop_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain after the first SIGTERM.

        Stop after SIGINT, or after a second signal; present answers are finished.
        """
        grace = self._grace_seconds if sig == signal.SIGTERM and not self._service.draining else 0.0
        self._service.draining = True
        self._stop_at = time.monotonic() + grace

    async def on_tick(self, counter: int) -> bool:
        """Called by uvicorn ten times a second."""
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)
