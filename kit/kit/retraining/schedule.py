"""The times at which the clock asks for a run: a cron expression, in a time zone. The clock may be set."""

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

FIELDS = 5
# Look at the clock this often, because it may be set while the service waits.
LOOK_SECONDS = 30.0
# A time server may set the clock back by this. The ticker waits, so that no time comes twice. If the clock
# goes back further, it was wrong before.
SET_BACK = datetime.timedelta(hours=1)
EXAMPLE = "'0 3 * * 1' for Mondays at 3"


class Clock:
    """The real clock. Tests use others."""

    def now(self) -> datetime.datetime:
        """The time, in UTC."""
        return datetime.datetime.now(datetime.UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Schedule:
    """The times of a cron expression. A wrong expression, or one without any time, raises ValueError."""

    def __init__(self, expression: str, timezone: ZoneInfo):
        self._expression = expression
        self._timezone = timezone

    def after(self, moment: datetime.datetime) -> datetime.datetime:
        """The first time after a moment, in UTC."""
        local = moment.astimezone(self._timezone)
        return next(CronSim(self._expression, local)).astimezone(datetime.UTC)


class Ticker:
    """Calls something at the times of a schedule.

    If the clock is set forward over several times, there is one call. If it is set back, no call is made
    twice, unless it was wrong by more than an hour.
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
        """Call the work, for ever."""
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
        with the given value and the expected form.
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
        with the given value and the expected form.
    """
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"got {text!r}; expected a time zone such as UTC or Europe/Berlin") from error
