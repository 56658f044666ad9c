"""Webhooks as Alertmanager 0.28 sends them, over HTTP."""

import copy
import json

import httpx
import pytest

from kit.retraining import alerts
from kit.retraining.api import MOST_BYTES, build_api

from .conftest import until

WEBHOOK = {
    "receiver": "retraining",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "ModelDrift", "environment": "dev", "severity": "warning"},
            "annotations": {"summary": "what is asked differs from what was learnt"},
            "startsAt": "2026-01-31T16:30:00.123456789Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus:9090/graph?g0.expr=model_drift_score",
            "fingerprint": "5ef77f1f8a3ecfb8",
        }
    ],
    "groupLabels": {"alertname": "ModelDrift"},
    "commonLabels": {"alertname": "ModelDrift", "environment": "dev", "severity": "warning"},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager:9093",
    "version": "4",
    "groupKey": '{}:{alertname="ModelDrift"}',
    "truncatedAlerts": 0,
}


# The gateway tells who asks.
USER = {"x-user": "ops"}


def webhook(*changes):
    made = copy.deepcopy(WEBHOOK)
    made["alerts"] = [copy.deepcopy(WEBHOOK["alerts"][0]) | change for change in changes or ({},)]
    return made


@pytest.fixture
def exchange(service):
    """Send requests to a service's application, one after another, and return the answers."""

    def run(*requests, **changes):
        async def use(retrainer):
            transport = httpx.ASGITransport(build_api(retrainer))
            async with httpx.AsyncClient(transport=transport, base_url="http://retraining") as client:
                answers = []
                for method, path, content in requests:
                    answers.append(await client.request(method, path, content=content, headers=USER))
                    await until(lambda: not retrainer.is_running)
                return answers

        return service(use, **changes)

    return run


def post(content):
    return "POST", "/alerts", content if isinstance(content, bytes) else json.dumps(content).encode()


def test_a_person_gets_a_run_within_the_cooldown_of_an_alert_and_is_named(exchange, plan):
    first, second = exchange(post(WEBHOOK), ("POST", "/runs", b""))
    assert [answer.status_code for answer in (first, second)] == [202, 202]
    assert (second.json()["outcome"], second.json()["trigger"]) == ("started", "user ops")
    assert len(plan.started) == 2


def test_a_person_is_told_why_no_run_is_started(exchange, rest, plan):
    rest.go()
    (answer,) = exchange(("POST", "/runs", b""))
    assert (answer.status_code, answer.json()["outcome"]) == (409, "declined")
    assert answer.json()["reason"].startswith("no MLflow")
    assert plan.started == []


def test_alertmanager_is_to_ask_again_soon_when_mlflow_is_away(exchange, rest, plan):
    rest.go()
    (answer,) = exchange(post(WEBHOOK))
    assert (answer.status_code, answer.json()["outcome"]) == (503, "declined")
    assert plan.started == []


def test_a_firing_alert_is_answered_with_the_decision_and_a_repeat_is_known(exchange, plan):
    first, repeat, listed = exchange(post(WEBHOOK), post(WEBHOOK), ("GET", "/decisions", None))
    assert (first.status_code, first.json()["outcome"]) == (202, "started")
    assert first.json()["alert"] == "5ef77f1f8a3ecfb8@2026-01-31T16:30:00.123456+00:00"
    assert (repeat.status_code, repeat.json()["outcome"]) == (202, "declined")
    assert repeat.json()["reason"] == "known: a run was started for this very alert"
    told = listed.json()
    assert [one["outcome"] for one in told["decisions"]] == ["declined", "passed"]
    assert len(plan.started) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"status": "resolved", "endsAt": "2026-01-31T17:00:00Z"}, {"labels": {"alertname": "Other"}},
        {"labels": {}},
    ],
)  # fmt: skip
def test_other_and_resolved_alerts_ask_for_nothing(exchange, plan, rest, change):
    (answer,) = exchange(post(webhook(change)))
    assert answer.status_code == 202
    assert answer.json() == {"outcome": "ignored", "reason": "none of ModelDrift fires"}
    assert plan.started == []
    assert rest.decisions() == []


def test_a_new_alert_in_a_group_counts_though_another_was_dealt_with(exchange, plan):
    new = {"fingerprint": "aa", "labels": {"alertname": "ModelErrors"}}
    first, both = exchange(
        post(WEBHOOK), post(webhook({}, new)), alerts=("ModelDrift", "ModelErrors"), cooldown=0
    )
    assert (first.json()["trigger"], both.json()["trigger"]) == ("alert ModelDrift", "alert ModelErrors")
    assert len(plan.started) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "body: Invalid JSON"),
        (b"{", "body: Invalid JSON"),
        (b"[]", "body: Input should be an object"),
        ({"version": "4"}, "alerts: Field required"),
        (WEBHOOK | {"version": "3"}, "version: Input should be '4'"),
        (webhook({"labels": ["a"]}), "alerts.0.labels: Input should be"),
        (webhook({}, {"status": "odd"}), "alerts.1.status: Input should be 'firing' or 'resolved'"),
        (webhook({"startsAt": "yesterday"}), "alerts.0.startsAt: Input should be a valid datetime"),
        (webhook({"fingerprint": "x" * 9}), "alerts.0.fingerprint: String should match"),
        (webhook(*[{}] * (alerts.MOST_ALERTS + 1)), "alerts: List should have at most 1000 items"),
    ],
)
def test_a_malformed_webhook_is_refused_with_the_reason(exchange, content, says):
    (answer,) = exchange(post(content))
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(says)
    assert len(answer.json()["error"]) <= alerts.LONGEST_REASON


def test_a_body_without_end_is_refused(exchange):
    (answer,) = exchange(post(b" " * (MOST_BYTES + 1)))
    assert answer.status_code == 413


def test_the_other_endpoints(exchange):
    health, ready, metrics = exchange(
        ("GET", "/health", None), ("GET", "/ready", None), ("GET", "/metrics", None), schedule="0 3 * * *"
    )
    assert (health.status_code, ready.status_code) == (200, 200)
    assert metrics.headers["content-type"].startswith("text/plain")
    text = metrics.text
    assert "retraining_running 0.0" in text
    # 2026-02-01 03:00 UTC
    assert "retraining_next_timestamp_seconds 1.7699148e+09" in text
    for absent in ("last_timestamp_seconds", "last_outcome"):
        assert absent not in text
    assert 'retraining_decisions_total{outcome="passed",trigger="alert"} 0.0' in text


def test_head_is_get_without_the_body(exchange):
    paths = ["/health", "/ready", "/metrics", "/decisions"]
    answers = exchange(*((method, path, b"") for path in paths for method in ("GET", "HEAD")))

    for got, head in zip(answers[::2], answers[1::2], strict=True):
        assert (head.status_code, head.content) == (got.status_code, b"")
    assert exchange(("HEAD", "/alerts", b""))[0].status_code == 405
