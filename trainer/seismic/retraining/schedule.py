"""When the clock asks for a run: a cron expression, in a time zone, on a clock that may be set."""

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

FIELDS = 5
# The clock is looked at this often, as it may be set while the service waits.
LOOK_SECONDS = 30.0
# What a time server sets back is waited for, lest the same time comes twice; more is a clock that was wrong.
SET_BACK = datetime.timedelta(hours=1)
EXAMPLE = "'0 3 * * 1' for Mondays at 3"


class Clock:
    """The real one; tests have others."""

    def now(self) -> datetime.datetime:
        """The time, in UTC."""
        return datetime.datetime.now(datetime.UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Schedule:
    """The times of a cron expression; it raises ValueError for one that is wrong or never comes."""

    def __init__(self, expression: str, timezone: ZoneInfo):
        self._expression = expression
        self._timezone = timezone

    def after(self, moment: datetime.datetime) -> datetime.datetime:
        """The first time after a moment, in UTC."""
        local = moment.astimezone(self._timezone)
        return next(CronSim(self._expression, local)).astimezone(datetime.UTC)


class Ticker:
    """Calls something at the times of a schedule.

    A clock that is set forward over several times makes one call, one that is set back makes none twice,
    unless it was wrong by more than an hour.
    """

    def __init__(self, schedule: Schedule, clock: Clock, call: Callable[[], Awaitable[object]]):
        self._schedule = schedule
        self._clock = clock
        self._call = call
        self._reached = clock.now()

    @property
    def next(self) -> datetime.datetime:
        """The time of the next call."""
        return self._schedule.after(self._reached)

    async def run(self) -> None:
        """Call, for ever."""
        while True:
            await self._clock.sleep(max(0.0, min(LOOK_SECONDS, self._remaining())))
            now = self._clock.now()
            if now < self._reached - SET_BACK:
                self._reached = now
            elif self.next <= now:
                self._reached = now
                await self._call()

    def _remaining(self) -> float:
        return (self.next - self._clock.now()).total_seconds()


def parse_expression(text: str) -> str:
    """Check a cron expression.

    Raises
    ------
    ValueError
        with what was given and what is expected.
    """
    if len(text.split()) != FIELDS:
        raise ValueError(f"got {text!r}; expected {FIELDS} fields of cron, such as {EXAMPLE}")
    try:
        next(CronSim(text, datetime.datetime.now(datetime.UTC)))
    except CronSimError as error:
        raise ValueError(f"got {text!r}: {error}; expected fields of cron, such as {EXAMPLE}") from error
    except StopIteration:
        raise ValueError(f"got {text!r}, a time that never comes; for example {EXAMPLE}") from None
    return text


def parse_timezone(text: str) -> ZoneInfo:
    """Check the name of a time zone.

    Raises
    ------
    ValueError
        with what was given and what is expected.
    """
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"got {text!r}; expected a time zone such as UTC or Europe/Berlin") from error
