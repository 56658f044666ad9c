"""The sources of the page's facts. Each is asked in its own loop, and may be down."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from prometheus_client import Counter

from kit.server.client import NoAnswer

log = logging.getLogger("status")


@dataclass
class Source:
    """Asks one source again and again, and knows since when it has been down.

    Parameters
    ----------
    name : a word for messages and for the metric of failures.
    ask : reads the source once and keeps its facts. Raises NoAnswer.
    period, limit : seconds between two questions, and seconds for one question.

    Attributes
    ----------
    up : whether the last question was answered; None before the first.
    since : when `up` got its value, in seconds since 1970.
    answered_at : the time of the last answer, in seconds of the monotonic clock; None if there was none.
    problem : the error; empty while the source is up.
    """

    name: str
    ask: Callable[[], Awaitable[None]]
    period: float
    limit: float
    failures: Counter
    up: bool | None = None
    since: float = 0.0
    answered_at: float | None = None
    problem: str = ""

    def __post_init__(self) -> None:
        self._failed = self.failures.labels(self.name)

    async def run(self) -> None:
        """Ask for ever. Cancel it to end it."""
        while True:
            began = time.monotonic()
            await self.once()
            await asyncio.sleep(max(0.0, began + self.period - time.monotonic()))

    async def once(self) -> None:
        """Ask once. An error does not end the loop: it is logged once, and counted each time."""
        try:
            async with asyncio.timeout(self.limit):
                await self.ask()
        except TimeoutError:
            self._down(f"no answer within {self.limit:g} s")
        except NoAnswer as error:
            self._down(str(error))
        except Exception as error:
            if self.up is not False:
                log.exception("%s: reading it failed", self.name)
            self._down(f"its answer cannot be read ({type(error).__name__})")
        else:
            if self.up is False:
                log.info("%s answers again", self.name)
            self._change(True)
            self.answered_at = time.monotonic()
            self.problem = ""

    def state(self) -> dict[str, Any]:
        """For the page."""
        return {"name": self.name, "up": self.up, "since": self.since, "problem": self.problem}

    def _down(self, problem: str) -> None:
        self._failed.inc()
        if self.up is not False:
            log.warning("%s: %s", self.name, problem)
        self._change(False)
        self.problem = problem

    def _change(self, up: bool) -> None:
        if self.up is not up:
            self.up, self.since = up, time.time()
