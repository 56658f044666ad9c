"""Decides about requests for a training run, and runs one at a time."""

import asyncio
import dataclasses
import logging
import uuid

from kit.retraining.decisions import DECLINED, FAILED, NO_MLFLOW, STARTED, Decision
from kit.retraining.ledger import Ledger
from kit.retraining.metrics import Metrics
from kit.retraining.mlflow import Mlflow
from kit.retraining.schedule import Clock, Schedule, Ticker
from kit.retraining.settings import Settings
from kit.retraining.training import Training
from kit.server.client import NoAnswer

# The RUN_TOKEN of this service's runs begins with this. So a run that was left running is known after a
# restart.
TOKEN = "retraining-"
ALERT, SCHEDULE, USER = "alert", "schedule", "user"
STOPPING = "the service is stopping"

log = logging.getLogger("retraining")


class Retrainer:
    """Decides, trains and records. `ledger` and `metrics` have the results."""

    def __init__(self, settings: Settings, mlflow: Mlflow, training: Training, clock: Clock):
        self.settings = settings
        self._mlflow = mlflow
        self._training = training
        self._clock = clock
        self.ledger = Ledger(mlflow, clock)
        self.ticker = (
            Ticker(Schedule(settings.schedule, settings.timezone), clock, self.request_by_schedule)
            if settings.schedule
            else None
        )
        ticker = self.ticker
        following = None if ticker is None else lambda: ticker.next.timestamp()
        self.metrics = Metrics(self.ledger, lambda: self.is_running, following)
        self.is_stopping = False
        self._deciding = False
        self._run: asyncio.Task | None = None
        self._declined: dict[tuple[str, str], Decision] = {}

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self._run is not None and not self._run.done()

    async def request_by_schedule(self) -> Decision:
        """Ask for a run because the schedule's time has come."""
        return await self._request(SCHEDULE, "")

    async def request_by_alert(self, name: str, identity: str) -> Decision:
        """Ask for a run because of an alert.

        Parameters
        ----------
        identity : the same for each delivery of an alert, as long as it fires.
        """
        return await self._request(f"{ALERT} {name}", identity)

    async def request_by_user(self, name: str) -> Decision:
        """Ask for a run because a person wants one. The cooldown is for alerts only."""
        return await self._request(f"{USER} {name}", "")

    async def stop(self) -> None:
        """End the run, if one is under way, and tell MLflow."""
        self.is_stopping = True
        await asyncio.to_thread(self._training.stop)
        if self._run is not None:
            await self._run
        await self.ledger.flush()

    async def _request(self, trigger: str, alert: str) -> Decision:
        if self.is_running or self._deciding or self.is_stopping:
            return self._decline(trigger, alert, "busy", STOPPING if self.is_stopping else "")
        self._deciding = True
        try:
            return await self._decide(trigger, alert)
        finally:
            self._deciding = False

    async def _decide(self, trigger: str, alert: str) -> Decision:
        try:
            await self.ledger.load()
            if alert and self.ledger.is_dealt_with(alert):
                return self._decline(trigger, alert, "known", "a run was started for this very alert")
            if alert and (left := self._cooldown_left()) > 0:
                return self._decline(trigger, alert, "cooldown", f"{left:.0f} s of RETRAIN_COOLDOWN are left")
            if other := await self._other_run():
                return self._decline(trigger, alert, "a run is under way", f"run {other} of MLflow")
        except NoAnswer as problem:
            return self._decline(trigger, alert, NO_MLFLOW, str(problem))
        if self.is_stopping:
            return self._decline(trigger, alert, "busy", STOPPING)
        decision = Decision(self.ledger.free_time(), trigger, "a run was started", STARTED, alert=alert)
        log.info("training starts: %s", trigger)
        self.ledger.record(decision)
        self._run = asyncio.create_task(self._train(decision))
        return decision

    def _cooldown_left(self) -> float:
        since = self.ledger.since_last_run()
        return 0.0 if since is None else self.settings.cooldown - since

    async def _other_run(self) -> str:
        """A run that somebody else has started.

        No run of this service is under way now, so its runs are left-overs.

        A run that is older than any run may get is a left-over too.
        """
        now = self._clock.now()
        for run in await self._mlflow.running():
            age = abs((now - run.started).total_seconds())
            if not run.token.startswith(TOKEN) and age < self.settings.training_timeout:
                return run.run_id
        return ""

    def _decline(self, trigger: str, alert: str, why: str, more: str) -> Decision:
        """Record a decline. Within the cooldown, the same decline is only counted."""
        kind = (trigger, why)
        now = self._clock.now()
        before = self._declined.get(kind)
        if before is not None and 0 <= (now - before.at).total_seconds() < self.settings.cooldown:
            decision = dataclasses.replace(before, count=before.count + 1)
        else:
            reason = f"{why}: {more}" if more else why
            decision = Decision(self.ledger.free_time(), trigger, reason, DECLINED, alert=alert)
            log.info("%s is declined: %s", trigger, reason)
        self._declined[kind] = decision
        self.ledger.record(decision)
        self.metrics.count(decision)
        return decision

    async def _train(self, decision: Decision) -> None:
        timeout = self.settings.training_timeout
        token = f"{TOKEN}{uuid.uuid4().hex}"
        try:
            ended = await asyncio.to_thread(self._training.run, token, decision.trigger, timeout)
            decision = decision.ended(ended, timeout)
        except Exception as error:
            log.exception("the training could not be run")
            reason = f"could not be run: {type(error).__name__}: {error}"
            decision = dataclasses.replace(decision, outcome=FAILED, reason=reason)
        log.log(
            logging.WARNING if decision.outcome == FAILED else logging.INFO,
            "training ended: %s: %s", decision.outcome, decision.reason,
        )  # fmt: skip
        self.ledger.record(decision)
        self.metrics.count(decision)
