"""Decisions while MLflow is away."""

import asyncio
import time

from kit.retraining.ledger import KEPT
from kit.retraining.mlflow import PATIENCE_SECONDS

from .conftest import RESULT, until


def test_without_mlflow_nothing_starts_and_the_decision_comes_later(service, rest, plan):
    rest.go()

    async def use(retrainer):
        decision = await retrainer.request_by_alert("ModelDrift", "abc@1")
        assert decision.outcome == "declined"
        assert decision.reason.startswith("no MLflow: http://127.0.0.1:")
        assert retrainer.ledger.undelivered == 1
        rest.come()
        await until(lambda: retrainer.ledger.undelivered == 0)

    service(use)
    assert [one["outcome"] for one in rest.decisions()] == ["declined"]
    assert plan.started == []


def test_mlflow_goes_away_while_it_trains_and_gets_all_in_order(service, rest, plan, clock):
    plan.set(result=RESULT, seconds=0.5)

    async def use(retrainer):
        await retrainer.request_by_schedule()
        await until(lambda: rest.written)
        rest.go()
        for minute in range(3):
            clock.move(minutes=1)
            await retrainer.request_by_alert(f"Alert{minute}", "")
        await until(lambda: not retrainer.is_running)
        # MLflow got the run's first record, but not its end.
        assert retrainer.ledger.undelivered == 4
        rest.come()
        await until(lambda: retrainer.ledger.undelivered == 0)

    service(use)
    outcomes = [value["outcome"] for _, value in rest.written]
    assert outcomes == ["started", "declined", "declined", "declined", "passed"]


def test_a_run_that_ends_while_its_start_is_being_delivered(service, rest):
    async def use(retrainer):
        await retrainer.ledger.load()
        rest.answer_after = 0.7
        await retrainer.request_by_schedule()
        await until(lambda: not retrainer.is_running)
        await until(lambda: retrainer.ledger.undelivered == 0)

    service(use)
    assert [value["outcome"] for _, value in rest.written] == ["started", "passed"]


def test_the_queue_is_bounded_and_tells_what_it_dropped(service, rest, clock):
    rest.go()

    async def use(retrainer):
        for number in range(KEPT + 5):
            clock.move(seconds=1)
            await retrainer.request_by_alert(f"Alert{number}", "")
        ledger = retrainer.ledger
        assert (ledger.undelivered, ledger.dropped, len(ledger.latest)) == (KEPT, 5, KEPT)
        metrics = retrainer.metrics.render().decode()
        assert "retraining_undelivered_decisions 100.0" in metrics
        assert "retraining_dropped_decisions 5.0" in metrics
        rest.come()
        await until(lambda: ledger.undelivered == 0)

    service(use)
    assert [value["trigger"] for _, value in rest.written] == [
        f"alert Alert{number}" for number in range(5, KEPT + 5)
    ]


def test_an_mlflow_that_hangs_holds_nobody_for_long(service, rest, monkeypatch):
    monkeypatch.setattr("kit.retraining.mlflow.PATIENCE_SECONDS", 0.3)
    assert PATIENCE_SECONDS <= 5
    rest.answer_after = 2

    async def use(retrainer):
        began = time.monotonic()
        one, other = await asyncio.gather(
            retrainer.request_by_schedule(), retrainer.request_by_alert("ModelDrift", "abc@1")
        )
        assert time.monotonic() - began < 1.5
        assert one.reason.startswith("no MLflow: MLflow does not answer within 0.3 s")
        assert other.reason == "busy"
        rest.answer_after = 0

    service(use)
