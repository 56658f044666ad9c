"""Accepted and declined requests, with real child processes."""

import asyncio
import datetime
import json
import re

import pytest
import trainer_contract as agreed

from kit.retraining import decisions
from kit.retraining.decisions import Decision, parse

from .conftest import REFUSED, RESULT, START, WARNED, until

ALERT = ("ModelDrift", "abc@2026-01-31T16:00:00+00:00")
OTHER = ("ModelDrift", "def@2026-01-31T18:00:00+00:00")


async def finish(retrainer):
    await until(lambda: not retrainer.is_running)
    await until(lambda: retrainer.ledger.undelivered == 0)


def test_an_alert_starts_a_run_that_is_recorded_at_its_start_and_its_end(service, rest, plan):
    plan.set(result=RESULT, seconds=0.5)

    async def use(retrainer):
        decision = await retrainer.request_by_alert(*ALERT)
        assert (decision.outcome, decision.trigger, retrainer.is_running) == (
            "started", "alert ModelDrift", True,
        )  # fmt: skip
        await finish(retrainer)

    service(use)
    ((key, first), (again, last)) = rest.written
    assert key == again == "retraining_2026-01-31T163400.820Z"
    assert (first["outcome"], first["at"]) == ("started", "2026-01-31T16:34:00.820Z")
    seconds = last.pop("seconds")
    assert 0.5 <= seconds < 30
    assert last == {
        "at": "2026-01-31T16:34:00.820Z", "trigger": "alert ModelDrift", "outcome": "passed",
        "reason": "version 4 may be deployed", "version": "4", "runId": "beef", "alert": ALERT[1],
    }  # fmt: skip
    (given,) = plan.started
    assert given["RUN_TRIGGER"] == "alert ModelDrift"
    assert re.fullmatch(r"retraining-[0-9a-f]{32}", given["RUN_TOKEN"])


@pytest.mark.parametrize(
    ("plan_of_it", "outcome", "says"),
    [
        ({"result": RESULT | {"reproduced": True}}, "reproduced", "the same model as version 4"),
        ({"result": REFUSED}, "refused", "too low; too few"),
        ({"result": WARNED}, "passed", "version 4 may be deployed; the gate warned: too low; too few"),
        ({"code": 3, "log": ["one", "a.csv: line 3"]}, "failed", "exit code 3: one / a.csv: line 3"),
        ({"code": 5}, "interrupted", "a later attempt at training took over"),
        ({"code": 0}, "failed", "the trainer printed no result"),
        ({"result": {"version": "4"}}, "failed", "the trainer's result is not as agreed: KeyError('gate')"),
        ({"result": [1]}, "failed", "the trainer printed no result"),
        ({"seconds": 600}, "timeout", "not done within TRAINING_TIMEOUT, 1 s"),
        ({"result": RESULT, "result_first": True, "seconds": 600, "code": 1}, "timeout", "not done within"),
    ],
)  # fmt: skip
def test_each_outcome(service, rest, plan, plan_of_it, outcome, says):
    plan.set(**plan_of_it)

    async def use(retrainer):
        await retrainer.request_by_schedule()
        await finish(retrainer)
        return retrainer.metrics.render().decode()

    metrics = service(use, training_timeout=1 if outcome == "timeout" else 60)
    (told,) = rest.decisions()
    assert (told["outcome"], told["trigger"]) == (outcome, "schedule")
    assert told["reason"].startswith(says)
    assert f'retraining_decisions_total{{outcome="{outcome}",trigger="schedule"}} 1.0' in metrics
    assert f'retraining_last_outcome{{outcome="{outcome}"}} 1.0' in metrics
    assert metrics.count("retraining_last_outcome{") == len(decisions.ENDS)
    assert {name for name in agreed.metrics("retraining") if f"# TYPE {name} " not in metrics} == set()
    (started,) = re.findall(r"^retraining_last_timestamp_seconds (\S+)$", metrics, re.MULTILINE)
    assert float(started) == pytest.approx(START.timestamp(), abs=0.01)


def test_one_at_a_time(service, rest, plan):
    plan.set(result=RESULT, seconds=1)

    async def use(retrainer):
        both = await asyncio.gather(retrainer.request_by_alert(*ALERT), retrainer.request_by_schedule())
        assert [one.outcome for one in both] == ["started", "declined"]
        await until(lambda: plan.started)
        third = await retrainer.request_by_alert(*OTHER)
        assert (third.outcome, third.reason) == ("declined", "busy")
        assert "retraining_running 1.0" in retrainer.metrics.render().decode()
        await finish(retrainer)

    service(use)
    assert len(plan.started) == 1
    assert sorted(one["outcome"] for one in rest.decisions()) == ["declined", "declined", "passed"]


def test_the_cooldown_is_for_alerts_and_outlives_a_restart(service, rest, plan, clock):
    async def first(retrainer):
        await retrainer.request_by_alert(*ALERT)
        await finish(retrainer)

    async def again(retrainer):
        clock.move(seconds=3000)
        declined = await retrainer.request_by_alert(*OTHER)
        assert declined.reason == "cooldown: 600 s of RETRAIN_COOLDOWN are left"
        assert (await retrainer.request_by_schedule()).outcome == "started"
        await finish(retrainer)
        clock.move(seconds=3599)
        assert (await retrainer.request_by_alert(*OTHER)).outcome == "declined"
        # The decline has the same millisecond, so the run gets the next one.
        clock.move(seconds=1, milliseconds=1)
        assert (await retrainer.request_by_alert(*OTHER)).outcome == "started"
        await finish(retrainer)

    service(first, cooldown=3600)
    service(again, cooldown=3600)
    assert len(plan.started) == 3


def test_a_record_from_the_future_blocks_no_longer_than_the_cooldown(service, rest, plan, clock):
    future = Decision(START + datetime.timedelta(days=400), "schedule", "", "passed")
    rest.tags[future.key] = future.as_value()

    async def use(retrainer):
        assert (await retrainer.request_by_alert(*ALERT)).reason.startswith("cooldown: 3600 s")
        clock.move(seconds=3599)
        assert (await retrainer.request_by_alert(*ALERT)).outcome == "declined"
        clock.move(seconds=1)
        assert (await retrainer.request_by_alert(*ALERT)).outcome == "started"
        await finish(retrainer)

    service(use, cooldown=3600)


@pytest.mark.parametrize(("ends", "may_again"), [({"result": RESULT}, False), ({"code": 1}, True)])
def test_the_same_alert_starts_no_second_run_unless_the_first_failed(service, plan, clock, ends, may_again):
    plan.set(**ends)

    async def first(retrainer):
        await retrainer.request_by_alert(*ALERT)
        await finish(retrainer)

    async def again(retrainer):
        clock.move(seconds=7200)
        decision = await retrainer.request_by_alert(*ALERT)
        assert decision.reason == (
            "a run was started" if may_again else "known: a run was started for this very alert"
        )
        await finish(retrainer)

    service(first, cooldown=3600)
    service(again, cooldown=3600)
    assert len(plan.started) == 1 + may_again


def test_the_same_decline_is_counted_instead_of_recorded_again(service, rest, clock):
    rest.runs_since(0)
    clock.time = datetime.datetime.now(datetime.UTC)

    async def use(retrainer):
        for _ in range(5):
            clock.move(seconds=10)
            decision = await retrainer.request_by_alert(*ALERT)
            assert decision.reason == "a run is under way: run d3ad of MLflow"
        await until(lambda: retrainer.ledger.undelivered == 0)
        assert [one["count"] for one in rest.decisions()] == [5]
        await retrainer.request_by_schedule()
        clock.move(seconds=3600)
        rest.runs_since(-3600)
        await retrainer.request_by_alert(*ALERT)
        await until(lambda: retrainer.ledger.undelivered == 0)
        assert [one.get("count") for one in rest.decisions()] == [5, None, None]
        metrics = retrainer.metrics.render().decode()
        assert 'retraining_decisions_total{outcome="declined",trigger="alert"} 6.0' in metrics
        assert "last_outcome{" not in metrics

    service(use, cooldown=3600)


@pytest.mark.parametrize(
    ("seconds", "token", "outcome"),
    [(30, "a-deployment", "declined"), (1300, "a-deployment", "started"), (30, "retraining-1", "started"),
     (-30, "a-deployment", "declined"), (-1300, "a-deployment", "started")],
)  # fmt: skip
def test_a_run_that_is_under_way_is_let_finish_unless_it_is_ours_or_too_old(
    service, rest, clock, seconds, token, outcome
):
    rest.runs_since(seconds, token)
    clock.time = datetime.datetime.now(datetime.UTC)

    async def use(retrainer):
        assert (await retrainer.request_by_schedule()).outcome == outcome
        await until(lambda: not retrainer.is_running)

    service(use)


def test_without_experiment_and_model_the_first_run_starts_and_is_recorded_later(service, rest, plan):
    rest.has_model = rest.has_experiment = False

    async def use(retrainer):
        assert (await retrainer.request_by_schedule()).outcome == "started"
        await until(lambda: not retrainer.is_running)
        assert retrainer.ledger.undelivered == 1
        rest.has_model = True
        await finish(retrainer)

    service(use)
    assert [one["outcome"] for one in rest.decisions()] == ["passed"]


def test_a_run_that_was_never_ended_is_found_interrupted_and_counts(service, rest, clock):
    before = START - datetime.timedelta(seconds=60)
    left = Decision(before, "alert ModelDrift", "", "started", alert=ALERT[1])
    rest.tags |= {left.key: left.as_value(), "released_x": "{}", "retraining_odd": "no JSON"}

    async def use(retrainer):
        assert (await retrainer.request_by_alert(*OTHER)).reason.startswith("cooldown: 3540 s")
        assert not retrainer.ledger.is_dealt_with(ALERT[1])
        await finish(retrainer)

    service(use, cooldown=3600)
    told = json.loads(rest.tags[left.key])
    assert (told["outcome"], told["reason"]) == ("interrupted", "the service ended while it trained")
    assert rest.tags["retraining_odd"] == "no JSON"


def test_a_value_is_bounded_and_comes_back():
    whole = Decision(
        START, "alert ModelDrift", 'say """"""""\n' * 400, "failed", "12", "f" * 32, 12.34, "e" * 64, 7
    )
    value = whole.as_value()
    assert 900 < len(value) <= 1000
    back = parse(whole.key, value)
    assert (back.at, back.outcome, back.version, back.run_id, back.seconds, back.alert, back.count) == (
        START, "failed", "12", "f" * 32, 12.3, "e" * 64, 7,
    )  # fmt: skip
    assert back.reason.startswith('say """""""" say "')
    for garbage in ("", "[]", "{}", '{"at": 1}', '{"at": "2026-01-31T16:34:00Z", "trigger": "x"}'):
        assert parse(whole.key, garbage) is None
