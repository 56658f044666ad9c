import asyncio
import json
import time

import pytest

from kit.status import metrics as metrics_module

from .conftest import Caller

TIMEOUT = 1200


def asked(caller):
    caller.ask(caller.mlflow)
    return caller.gauges()


def test_an_mlflow_without_model_and_runs_is_up_and_empty(caller):
    gauges = asked(caller)

    assert gauges["mlflow_up"] == 1
    assert gauges["training_last_run_failed"] == 0
    assert gauges["training_last_gate_refused"] == 0
    assert gauges["registry_candidate_waiting"] == 0
    assert "training_last_run_timestamp_seconds" not in gauges
    assert "registry_champion_version" not in gauges
    registry = caller.data()["registry"]
    assert (registry["champion"], registry["runs"], registry["quality"]) == (None, [], None)


def test_an_experiment_that_is_not_there_yet_is_empty(caller, mlflow):
    del mlflow.routes[f"{mlflow.API}/experiments/get-by-name"]

    assert asked(caller)["mlflow_up"] == 1
    assert f"{mlflow.API}/runs/search" not in mlflow.asked


def test_before_mlflow_is_read_values_are_absent_rather_than_0(caller):
    assert caller.gauges().keys() == set()


@pytest.mark.parametrize(
    ("runs", "failed"),
    [
        ([("FINISHED", 50, 40, {})], 0),
        ([("FAILED", 50, 40, {})], 1),
        ([("FAILED", 50, 40, {}), ("FINISHED", 30, 20, {})], 0),
        ([("FINISHED", 50, 40, {}), ("KILLED", 30, 20, {})], 1),
        ([("KILLED", 50, 40, {"superseded_by": "two"})], 0),
        ([("FAILED", 50, 40, {}), ("RUNNING", 30, None, {})], 1),
        ([("FINISHED", 50, 40, {}), ("RUNNING", 30, None, {})], 0),
        ([("FINISHED", 9000, 8000, {}), ("RUNNING", TIMEOUT + 60, None, {})], 0),
        ([("FINISHED", 9000, 8000, {}), ("RUNNING", TIMEOUT + 180, None, {})], 1),
    ],
    ids=[
        "finished", "failed", "mended", "killed", "superseded", "failed while one runs", "runs", "runs long",
        "overdue",
    ],
)  # fmt: skip
def test_whether_the_last_run_failed(caller, mlflow, runs, failed):
    now = time.time()
    for number, (status, begun, over, tags) in enumerate(runs):
        mlflow.add_run(f"run{number}", status, now - begun, over and now - over, tags)

    assert asked(caller)["training_last_run_failed"] == failed
    assert caller.data()["registry"]["last_run_failed"] == bool(failed)


def test_the_last_run_is_the_one_that_is_over(caller, mlflow):
    mlflow.add_run("over", "FINISHED", 1000.0, 1060.5)
    mlflow.add_run("running", "RUNNING", time.time() - 5, None)

    assert asked(caller)["training_last_run_timestamp_seconds"] == 1060.5


def test_the_gate_of_the_newest_finished_run_counts_however_many_failed_since(caller, mlflow):
    mlflow.add_run("good", "FINISHED", tags={"gate": "passed"})
    mlflow.add_run("refused", "FINISHED", tags={"gate": "refused"})
    for number in range(12):
        mlflow.add_run(f"failed{number}", "FAILED", tags={"gate": "passed"})
    assert asked(caller)["training_last_gate_refused"] == 1
    assert len(caller.data()["registry"]["runs"]) == 10
    mlflow.add_run("better", "FINISHED", tags={"gate": "passed"})
    assert asked(caller)["training_last_gate_refused"] == 0


@pytest.mark.parametrize(
    ("champion", "challenger", "gate", "waiting"),
    [
        (3, 4, "passed", 1),
        (3, 4, "warned", 1),
        (3, 4, "refused", 0),
        (3, 4, "none", 0),
        (9, 4, "passed", 0),
        (9, 10, "passed", 1),
        (None, 4, "passed", 1),
    ],
)
def test_whether_a_candidate_waits(caller, mlflow, champion, challenger, gate, waiting):
    mlflow.add_run("run", "FINISHED")
    if champion:
        mlflow.add_version(champion, "run", "champion", gate="passed")
    mlflow.add_version(challenger, "run", "challenger", gate=gate)

    gauges = asked(caller)

    assert gauges["registry_candidate_waiting"] == waiting
    assert gauges.get("registry_champion_version") == champion


def test_values_stay_for_a_minute_without_mlflow_and_come_back(caller, mlflow, monkeypatch):
    mlflow.add_run("bad", "FAILED")
    asked(caller)
    routes = dict(mlflow.routes)
    mlflow.routes.clear()
    mlflow.routes[f"{mlflow.API}/registered-models/get"] = (500, "down")

    gauges = asked(caller)
    assert (gauges["mlflow_up"], gauges["training_last_run_failed"]) == (0, 1)
    assert caller.data()["registry"]["runs"][0]["status"] == "FAILED"  # the page says what it last knew
    state = caller.data()["sources"][1]
    assert (state["name"], state["up"]) == ("mlflow", False)
    assert "answers 500" in state["problem"]

    monkeypatch.setattr(metrics_module, "KEPT_SECONDS", -1)
    gauges = caller.gauges()
    assert gauges["mlflow_up"] == 0
    assert "training_last_run_failed" not in gauges

    monkeypatch.undo()
    mlflow.routes.update(routes)
    gauges = asked(caller)
    assert (gauges["mlflow_up"], gauges["training_last_run_failed"]) == (1, 1)


def test_a_hanging_mlflow_is_down_in_bounded_time(caller, mlflow):
    caller.mlflow.limit = 0.3
    mlflow.hang.clear()
    began = time.monotonic()

    assert asked(caller)["mlflow_up"] == 0

    assert time.monotonic() - began < 5
    assert caller.mlflow.problem == "no answer within 0.3 s"


@pytest.mark.parametrize(
    "answer",
    [
        "<html>",
        "[]",
        {"registered_model": {"aliases": [{}]}},
        {"registered_model": {"aliases": 5}},
        b"\xff",
        b"",
    ],
)
def test_half_written_answers_are_a_source_that_is_down(caller, mlflow, answer):
    mlflow.routes[f"{mlflow.API}/registered-models/get"] = answer

    assert asked(caller)["mlflow_up"] == 0
    assert caller.mlflow.problem


def test_releases_and_decisions_come_newest_first_whatever_their_values_are(caller, mlflow):
    mlflow.add_run("run", "FINISHED")
    mlflow.add_version(1, "run", "champion")
    for day in range(1, 15):
        change = {"by": "ada", "to": {"version": str(day)}}
        mlflow.tags[f"released_2026-01-{day:02}T09:00:00.000Z"] = json.dumps(change)
    mlflow.tags["released_2026-02-01T09:00:00.000Z"] = "no JSON"
    decision = {"at": "2026-02-01T09:00:00.000Z", "outcome": "refused"}
    mlflow.tags["retraining_2026-02-01T090000.000Z"] = json.dumps(decision)
    mlflow.tags["other"] = "{}"
    caller.ask(caller.mlflow)

    registry = caller.data()["registry"]

    assert len(registry["releases"]) == 10
    assert registry["releases"][0] == {"at": "2026-02-01T09:00:00.000Z", "unreadable": "no JSON"}
    assert registry["releases"][1] == {"at": "2026-01-14T09:00:00.000Z", "by": "ada", "to": {"version": "14"}}
    assert registry["decisions"] == [decision]


def test_the_run_with_its_gate_description_and_data_quality(caller, mlflow):
    tags = {"gate": "refused", "gate_reasons": "too bad", "mlflow.note.content": "# Why", "secret": "x"}
    mlflow.add_run("run", "FINISHED", 1000.0, 1010.0, tags, {"macro_f1": 0.6}, name="<b>dev</b>")
    report = {
        "traces": 9, "dead": {"count": 2}, "nonfinite": {"count": 0}, "labels": {"labelled": 7, "counts": {}},
    }  # fmt: skip
    mlflow.artifacts["run", "quality.json"] = json.dumps(report)
    caller.ask(caller.mlflow)
    caller.ask(caller.mlflow)

    registry = caller.data()["registry"]

    run = registry["runs"][0]
    assert (run["name"], run["started"], run["ended"]) == ("<b>dev</b>", 1000.0, 1010.0)
    assert run["tags"] == {"gate": "refused", "gate_reasons": "too bad"}
    assert run["description"] == [["h3", ["Why"]]]
    assert run["figures"] == [{"name": "macro_f1", "title": "Macro F1", "value": 0.6}]
    assert registry["quality"] == {
        "run_id": "run", "rows": 9, "found": {"dead": 2, "nonfinite": 0}, "labelled": 7, "counts": {},
    }  # fmt: skip
    assert mlflow.asked.count("/get-artifact") == 1  # it does not change any more


@pytest.mark.parametrize(
    ("report", "shown"),
    [
        ({"rows": 9, "labels": {"labelled": 9}}, {"rows": 9, "found": {}, "labelled": 9, "counts": {}}),
        ({"verdict": "pass"}, {"rows": None, "found": {}, "labelled": None, "counts": {}}),
        (
            {"rows": "many", "labels": [1], "dead": {"count": True}, "missing": {"count": 3, "first": []}},
            {"rows": None, "found": {"missing": 3}, "labelled": None, "counts": {}},
        ),
        ({"labels": {"counts": {"yes": 1, "no": "x"}}},
         {"rows": None, "found": {}, "labelled": None, "counts": {"yes": 1}}),
    ],
    ids=["regressor", "other keys", "other types", "half of the counts"],
)  # fmt: skip
def test_of_the_data_is_told_what_its_report_has(caller, mlflow, report, shown):
    mlflow.add_run("run", "FINISHED")
    mlflow.artifacts["run", "quality.json"] = json.dumps(report)
    caller.ask(caller.mlflow)

    assert caller.data()["registry"]["quality"] == {"run_id": "run", **shown}


def test_a_source_runs_until_it_is_cancelled_whatever_it_raises(make, mlflow):
    service = make()
    mlflow.routes[f"{mlflow.API}/registered-models/get"] = "<html>"
    for source in service.sources:
        source.period = 0.02

    async def mend():
        async with service._lifespan(None):
            await until(lambda: service.sources[1].up is False)
            del mlflow.routes[f"{mlflow.API}/registered-models/get"]
            await until(lambda: service.sources[1].up is True)

    async def until(is_so):
        async with asyncio.timeout(10):
            while not is_so():
                await asyncio.sleep(0.01)

    asyncio.run(mend())
    assert Caller(service).gauges()["mlflow_up"] == 1
