"""Times of a cron expression, and a clock that is set."""

import asyncio
import contextlib
import datetime
from zoneinfo import ZoneInfo

import pytest

from kit.retraining.schedule import Schedule, Ticker, parse_expression, parse_timezone

from .conftest import SetClock


def at(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def ticks(clock, until, upset=lambda _: None, set_back=lambda: True):
    """The times of the calls, until the clock reaches a time after it was set."""
    calls = []

    async def call():
        calls.append(clock.now())

    async def run():
        ticker = Ticker(Schedule("0 3 * * *", ZoneInfo("UTC")), clock, call)
        task = asyncio.create_task(ticker.run())
        while not set_back() or clock.now() < until:
            await asyncio.sleep(0)
            upset(calls)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(run())
    return calls


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    async def sleep(self, seconds):
        self.move(seconds=seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(SetClock, "sleep", sleep)


def test_it_is_called_at_each_time_once():
    calls = ticks(SetClock(at("2026-01-31T02:59:10.5")), at("2026-02-02T04:00:00"))
    assert calls == [at(f"2026-{day}T03:00:00") for day in ("01-31", "02-01", "02-02")]


def test_a_time_zone_has_its_own_hours_through_the_change_of_summer_time():
    schedule = Schedule("30 3 * * *", ZoneInfo("Europe/Berlin"))
    assert schedule.after(at("2026-03-28T00:00:00")) == at("2026-03-28T02:30:00")
    assert schedule.after(at("2026-03-29T00:00:00")) == at("2026-03-29T01:30:00")


def test_a_clock_set_forward_makes_one_call_for_all_that_was_passed():
    clock = SetClock(at("2026-01-31T02:00:00"))
    moved = []

    def upset(_):
        if not moved:
            moved.append(True)
            clock.move(days=3)

    assert len(ticks(clock, at("2026-02-03T02:59:00"), upset=upset)) == 1


@pytest.mark.parametrize(
    ("back", "end", "calls"),
    [
        ({"seconds": -1}, "2026-01-31T05:00:00", 1),
        ({"minutes": -30}, "2026-01-31T05:00:00", 1),
        # The clock is wrong by a month: it is 3 o'clock on the 1st, and 29 times come before the 31st.
        ({"days": -30}, "2026-01-31T02:59:00", 1 + 29),
    ],
)
def test_a_clock_set_back_calls_no_time_twice_unless_it_was_wrong_by_far(back, end, calls):
    clock = SetClock(at("2026-01-31T02:59:59"))
    is_set = False

    def upset(made):
        nonlocal is_set
        if made and not is_set:
            is_set = True
            clock.move(**back)

    assert len(ticks(clock, at(end), upset=upset, set_back=lambda: is_set)) == calls


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("* * * *", "expected 5 fields of cron"),
        ("0 0 3 * * *", "expected 5 fields of cron"),
        ("61 3 * * *", "Bad minute; expected fields of cron"),
        ("0 3 30 2 *", "Bad day-of-month"),
        ("0 3 * * FOO", "Bad day-of-week"),
    ],
)
def test_a_wrong_expression_is_told(text, says):
    with pytest.raises(ValueError, match="got ") as caught:
        parse_expression(text)
    assert says in str(caught.value)


def test_a_wrong_time_zone_is_told():
    assert parse_timezone("Europe/Berlin").key == "Europe/Berlin"
    for text in ("Mars/Olympus", "../etc/passwd", "Europe"):
        with pytest.raises(ValueError, match="expected a time zone such as UTC or Europe/Berlin"):
            parse_timezone(text)
