import asyncio
import logging
import time

import pytest

from kit.server.client import NoAnswer
from kit.status import replicas as module

from .conftest import Caller
from .servers import drift_text, metrics_text


def test_all_replicas_are_told_with_what_they_serve(make, replicas):
    caller = Caller(make(count=2))
    replicas(0)[0].count(requests=10, more=drift_text(0.1))
    caller.ask(caller.serving)

    serving = caller.data()["serving"]

    assert [(each["address"], each["answering"]) for each in serving["replicas"]] == [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
    ]
    assert serving["replicas"][0]["version"] == "1"
    assert serving["replicas"][0]["started"] == 1.0
    assert serving["info"]["classifier"] == "LogisticRegression"
    assert serving["info"]["metrics"]["recall_anomaly"] == 0.8
    assert caller.gauges()["serving_replicas_answering"] == 2
    assert caller.data()["traffic"]["features"] == [{"name": "rms", "psi": 0.1}]


def test_another_version_is_seen_and_its_model_asked_for(make, replicas):
    caller = Caller(make(count=2))
    caller.ask(caller.serving)
    for each in replicas(0):
        each.serve("2")
    caller.ask(caller.serving)

    serving = caller.data()["serving"]

    assert {each["version"] for each in serving["replicas"]} == {"2"}
    assert serving["info"]["version"] == "2"
    replicas(0)[0].asked.clear()
    caller.ask(caller.serving)
    assert "/model_info" not in replicas(0)[0].asked  # it is asked for once a version


def test_a_hanging_replica_delays_nobody_and_is_told(make, replicas, monkeypatch):
    monkeypatch.setattr(module, "REPLICA_SECONDS", 0.3)
    caller = Caller(make(count=3))
    caller.ask(caller.serving)
    replicas(0)[1].hang.clear()

    began = time.monotonic()
    caller.ask(caller.serving)

    assert time.monotonic() - began < 2
    states = caller.data()["serving"]["replicas"]
    assert [each["answering"] for each in states] == [True, False, True]
    assert states[1]["problem"] == "no answer within 0.3 s"
    assert caller.serving.up is True
    assert caller.gauges()["serving_replicas_answering"] == 2

    replicas(0)[1].hang.set()
    caller.ask(caller.serving)
    assert caller.gauges()["serving_replicas_answering"] == 3


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/metrics", "<html>"),
        ("/metrics", b"\xff\xfe"),
        ("/metrics", metrics_text()[:-40]),
        ("/metrics", (500, "no")),
        ("/metrics", b"x" * (5 << 20)),
        ("/version", "half a {"),
        ("/version", [1]),
    ],
)
def test_a_replica_that_answers_nonsense_does_not_count_as_answering(make, replicas, path, answer):
    caller = Caller(make(count=2))
    replicas(0)[0].routes[path] = answer
    caller.ask(caller.serving)

    states = caller.data()["serving"]["replicas"]

    assert states[1]["answering"] is True
    assert states[0]["answering"] is False
    assert states[0]["problem"]


def test_a_replica_that_does_not_tell_its_model_does_not_count_as_answering(make, replicas):
    # A new caller, because a replica is not asked when another one has just described this model.
    caller = Caller(make())
    replicas(0)[0].routes["/model_info"] = (503, "no")
    caller.ask(caller.serving)

    (state,) = caller.data()["serving"]["replicas"]

    assert state["answering"] is False
    assert state["problem"].endswith("/model_info answers 503")


def test_no_replica_is_a_source_that_is_down_and_is_logged_once(make, replicas, caplog):
    caller = Caller(make(count=1))
    replicas(0)[0].routes["/metrics"] = (500, "no")
    with caplog.at_level(logging.INFO, "status"):
        for _ in range(3):
            caller.ask(caller.serving)
        source = caller.data()["sources"][0]
        assert (source["name"], source["up"]) == ("serving", False)
        assert source["problem"].startswith("none of the 1 replicas answers")
        assert time.time() - source["since"] < 60
        replicas(0)[0].count()
        caller.ask(caller.serving)

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert caller.data()["sources"][0]["problem"] == ""
    assert 'status_source_failures_total{source="serving"} 3.0' in caller.get("/metrics").text
    assert caller.gauges()["serving_replicas_answering"] == 1


def test_replicas_come_and_go_with_the_name(make):
    service = make(count=2)
    found = ["127.0.0.1"]

    async def resolve(host, port):
        if not found:
            raise NoAnswer("no replica is found under the name serving")
        return found

    service.replicas._resolve = resolve
    caller = Caller(service)
    caller.ask(caller.serving)
    assert caller.gauges()["serving_replicas_answering"] == 1
    found.append("127.0.0.2")
    caller.ask(caller.serving)
    assert caller.gauges()["serving_replicas_answering"] == 2
    found.clear()
    caller.ask(caller.serving)
    assert caller.gauges()["serving_replicas_answering"] == 0
    assert caller.data()["serving"]["replicas"] == []


def test_a_name_is_resolved_to_all_of_its_addresses():
    assert asyncio.run(module.addresses("localhost", 80)) == ["127.0.0.1"]
    with pytest.raises(NoAnswer, match=r"no replica is found under the name no-such-host\.invalid"):
        asyncio.run(module.addresses("no-such-host.invalid", 80))
