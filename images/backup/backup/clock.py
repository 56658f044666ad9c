"""The times of a schedule, and the clock."""

import datetime
import time

from cronsim import CronSim

# Look at the clock this often, because it may be set while the service waits.
LOOK_SECONDS = 30.0
# Every schedule that is not rarer than monthly has its longest gap within this span.
SPAN = datetime.timedelta(days=70)
LEAST_TIMES = 3


class Clock:
    """The real clock. Tests use others."""

    def now(self) -> datetime.datetime:
        """The time, in UTC, in whole seconds: a backup's name has no fractions."""
        return datetime.datetime.now(datetime.UTC).replace(microsecond=0)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def after(expression: str, moment: datetime.datetime) -> datetime.datetime:
    """The first time of a cron expression after a moment; both in UTC."""
    return next(CronSim(expression, moment))


def longest_gap(expression: str, begin: datetime.datetime) -> float:
    """The longest time between two times of a cron expression, in seconds.

    A schedule on working days has its longest gap over the weekend, so an alert must not take the shortest one.
    """
    longest, last = 0.0, None
    for index, moment in enumerate(CronSim(expression, begin)):
        if last is not None:
            longest = max(longest, (moment - last).total_seconds())
        if index >= LEAST_TIMES and moment - begin > SPAN:
            break
        last = moment
    return longest
