"""The decisions. The latest are in memory, and all of them reach MLflow as tags, in order."""

import asyncio
import dataclasses
import datetime
import logging

from kit.registry.rest import Refused
from kit.retraining.decisions import DEALT_WITH, INTERRUPTED, STARTED, Decision, parse
from kit.retraining.mlflow import Mlflow
from kit.retraining.schedule import Clock
from kit.server.client import NoAnswer

KEPT = 100
LEAST_WAIT, MOST_WAIT = 1.0, 60.0
FLUSH_SECONDS = 8.0

log = logging.getLogger("retraining")


class Ledger:
    """The decisions.

    `dropped` counts those that MLflow never got, because it was away too long or refused them.
    """

    def __init__(self, mlflow: Mlflow, clock: Clock):
        self._mlflow = mlflow
        self._clock = clock
        self._decisions: dict[str, Decision] = {}
        self._waiting: dict[str, Decision] = {}
        self._runs: dict[str, Decision] = {}
        self._loading = asyncio.Lock()
        self._changed = asyncio.Event()
        self.is_loaded = False
        self.dropped = 0

    @property
    def latest(self) -> list[Decision]:
        """The newest decisions, newest first."""
        return sorted(self._decisions.values(), key=lambda one: one.at, reverse=True)

    @property
    def undelivered(self) -> int:
        """The number of decisions that wait for MLflow."""
        return len(self._waiting)

    @property
    def runs(self) -> list[Decision]:
        """The decisions about the newest runs, newest first."""
        return sorted(self._runs.values(), key=lambda one: one.at, reverse=True)

    @property
    def last_run(self) -> Decision | None:
        """The decision about the newest run, if there is one."""
        return next(iter(self.runs), None)

    def is_dealt_with(self, alert: str) -> bool:
        """Whether a run for this alert has come to its end, or still runs."""
        return any(run.alert == alert and run.outcome in DEALT_WITH for run in self._runs.values())

    def since_last_run(self) -> float | None:
        """Seconds since the last run started; None if there was no run.

        A start in the future comes from a clock that was wrong. It counts as now, and keeps this time from
        then on.
        """
        last = self.last_run
        if last is None:
            return None
        now = self._clock.now()
        if last.at > now:
            self._runs = {
                key: dataclasses.replace(run, at=min(run.at, now)) for key, run in self._runs.items()
            }
            return 0.0
        return (now - last.at).total_seconds()

    def free_time(self) -> datetime.datetime:
        """The present in milliseconds.

        It is moved on if another decision has this time, because it names a tag.
        """
        now = self._clock.now()
        moment = now.replace(microsecond=now.microsecond // 1000 * 1000)
        taken = {one.at for one in self._decisions.values()}
        while moment in taken:
            moment += datetime.timedelta(milliseconds=1)
        return moment

    def record(self, decision: Decision) -> None:
        """Keep a decision and let it be delivered. It replaces an older decision of the same time."""
        self._keep(decision)
        self._waiting[decision.key] = decision
        while len(self._waiting) > KEPT:
            del self._waiting[next(iter(self._waiting))]
            self.dropped += 1
        self._changed.set()

    async def load(self) -> None:
        """Read the decisions of earlier services, once.

        Raises
        ------
        NoAnswer
        """
        async with self._loading:
            if self.is_loaded:
                return
            found = [parse(key, value) for key, value in (await self._mlflow.tags()).items()]
            for decision in sorted((one for one in found if one is not None), key=lambda one: one.at):
                if decision.key in self._decisions:
                    continue
                self._keep(decision)
                if decision.outcome == STARTED:
                    self.record(
                        dataclasses.replace(
                            decision, outcome=INTERRUPTED, reason="the service ended while it trained"
                        )
                    )
            self.is_loaded = True

    async def deliver(self) -> None:
        """Deliver decisions to MLflow, for ever. While MLflow is away, they wait."""
        wait = LEAST_WAIT
        while True:
            self._changed.clear()
            try:
                await self.load()
                await self._deliver_waiting()
            except NoAnswer as problem:
                if wait == LEAST_WAIT:
                    log.warning("decisions wait for MLflow: %s", problem)
                await self._clock.sleep(wait)
                wait = min(wait * 2, MOST_WAIT)
            else:
                wait = LEAST_WAIT
                await self._changed.wait()

    async def flush(self) -> None:
        """Deliver the decisions that can be delivered at once, because the service ends."""
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await self._deliver_waiting()
        except (NoAnswer, TimeoutError) as problem:
            log.warning("decisions that are lost: %d: %s", self.undelivered, problem)

    async def _deliver_waiting(self) -> None:
        while self._waiting:
            key, decision = next(iter(self._waiting.items()))
            try:
                await self._mlflow.set_tag(key, decision.as_value())
            except Refused as refusal:
                if refusal.missing:
                    raise  # no model yet: the first run makes it
                log.warning("a decision is lost: %s", refusal)
                self.dropped += 1
            # A new decision of the same time may have come meanwhile. It goes next.
            if self._waiting.get(key) is decision:
                del self._waiting[key]

    def _keep(self, decision: Decision) -> None:
        self._decisions[decision.key] = decision
        _forget_oldest(self._decisions)
        if decision.is_run:
            self._runs[decision.key] = decision
            _forget_oldest(self._runs)


def _forget_oldest(decisions: dict[str, Decision]) -> None:
    while len(decisions) > KEPT:
        del decisions[min(decisions, key=lambda key: decisions[key].at)]
