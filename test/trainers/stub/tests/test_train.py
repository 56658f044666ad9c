"""A training run by docs/trainer-contract.md: its output, its things in MLflow, and its end."""

import json
import signal
import time

import pytest
import trainer_contract as agreed
from conftest import ROOT, run, start, train
from mlflow_server import tags

from stub.contract import SETTINGS

POOR = '{"shrinkage": 1}'


def metrics_of(run):
    return {each["key"]: each["value"] for each in run["data"]["metrics"]}


def test_a_run_leaves_a_whole_version_and_prints_the_result_alone(server, variables):
    result = train(variables, RUN_TRIGGER="alert A", GIT_DIRTY="true", RELEASE_REF="v1", IMAGE="a:b")
    assert agreed.problems(result, "result") == []
    # The platform does without some of them; this trainer prints all but two: no candidate is
    # taken up, and no interval is computed.
    assert set(result) == set(agreed.properties("result")) - {"takenUp"}
    assert set(result["gate"]) == set(agreed.properties("judgement")) - {"differences"}
    attempt = server.runs[result["runId"]]
    assert attempt["info"]["status"] == "FINISHED"
    assert attempt["data"]["tags"] != []
    version = server.versions["1"]
    wanted = {
        "model_sha256": result["sha256"], "data_sha256": result["dataSha256"], "run_token": "one",
        "seed": "7", "environment": "dev", "git_commit": "abc1234", "mlflow.source.git.commit": "abc1234",
        "trigger": "alert A", "gate": "passed",
    }  # fmt: skip
    assert wanted.items() <= tags(version).items()
    assert wanted.items() <= tags(attempt["data"]).items()
    assert "gate_reasons" not in tags(version)
    assert agreed.problems(tags(version), "versionTags") == []
    # The kit sets the first three, a gate that refuses the next, and the platform the last two.
    others = {"quality", "recipe_sha256", "judged_run", "gate_reasons", "artifacts_pruned", "not_served"}
    assert set(agreed.properties("versionTags")) - set(tags(version)) == others
    known = {*agreed.properties("versionTags"), *agreed.properties("runTags")}
    assert set(tags(attempt["data"])) <= known
    assert metrics_of(attempt)["macro_f1"] == result["metrics"]["macroF1"] > 0.9
    assert (result["version"], result["alias"], result["reproduced"]) == ("1", "challenger", False)
    assert server.aliases == {"challenger": "1"}
    assert result["gate"] == {
        "passed": True, "reasons": [], "compared": False, "champion": None,
        "note": "there is no champion yet",
    }  # fmt: skip
    assert result["trainedAt"] == "2023-11-14T22:13:20.000Z"
    # The fence is read, and the expected answers are stored, before the version is made.
    asked = server.asked
    assert asked.index("experiments/get") < asked.index("model-versions/create")
    folder = attempt["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
    told = json.loads(server.files[f"{folder}/{agreed.constant('expectationsFile')}"])
    assert agreed.problems(told, "expectations") == []
    requests = told["requests"]
    assert [each["path"] for each in requests] == ["/predict", "/batch_predict"]
    assert len(requests[1]["answer"]["predictions"]) == 12


def test_the_same_again_registers_nothing_and_other_data_or_parameters_do(server, variables, tmp_path):
    first, again = train(variables), train(variables, RUN_TOKEN="two")
    assert again["reproduced"]
    assert again["attemptRunId"] != again["runId"]
    for same in ("version", "runId", "sha256", "filesSha256", "trainedAt"):
        assert again[same] == first[same]
    assert tags(server.runs[again["attemptRunId"]]["data"])["reproduced_version"] == "1"
    assert train(variables, RUN_TOKEN="three", SEED="8")["version"] == "2"
    run("demo", {}, f"--out={tmp_path}", "--traces=600", "--seed=12").check_returncode()
    assert train(variables, RUN_TOKEN="four", DATA_DIR=str(tmp_path))["version"] == "3"


def test_without_registering_only_the_data_is_needed_and_the_hash_is_the_same(variables):
    told = {"DATA_DIR": variables["DATA_DIR"], "TRIALS": "2", "REGISTER": "false"}
    alone = train(told)
    assert agreed.problems(alone, "unregisteredResult") == []
    assert alone["sha256"] == train(variables)["sha256"]


def test_a_version_whose_files_were_pruned_or_are_gone_is_not_reproduced(server, variables):
    train(variables)
    server.versions["1"]["tags"].append({"key": "artifacts_pruned", "value": "so"})
    assert train(variables, RUN_TOKEN="two")["version"] == "2"
    server.files = {path: text for path, text in server.files.items() if "/models/" not in path}
    assert train(variables, RUN_TOKEN="three")["version"] == "3"


def test_the_gate_compares_with_what_serves_and_refuses_what_learns_nothing(server, variables):
    first = train(variables)
    champion = {"CHAMPION_VERSION": "1", "CHAMPION_SHA256": first["sha256"]}
    judged = train(variables, RUN_TOKEN="two", HYPERPARAMETERS=POOR, **champion)
    assert judged["version"] == "2"
    assert judged["gate"]["compared"]
    assert judged["gate"]["champion"] == {"version": "1", "metrics": first["metrics"]}
    floor, lost = judged["gate"]["reasons"]
    assert floor.endswith("is below the floor 0.700")
    assert lost.endswith("of the champion (version 1); at most 0.020 is allowed")
    assert tags(server.versions["2"])["gate"] == "refused"
    assert tags(server.versions["2"])["gate_reasons"] == f"{floor}\n{lost}"
    # Within other bounds the same version passes, and its reasons are removed.
    assert train(variables, RUN_TOKEN="three", HYPERPARAMETERS=POOR, GATE="")["version"] == "2"
    assert tags(server.versions["2"])["gate"] == "none"
    assert "gate_reasons" not in tags(server.versions["2"])


@pytest.mark.parametrize(
    ("gate", "state", "reason"),
    [
        ({"bounds": {"logLoss": {"max": 9}}}, "passed", None),
        ({"bounds": {"logLoss": {"min": 9}}}, "refused", "logLoss 0."),
        ({"bounds": {"recall": {"max": 0}}, "mode": "warn"}, "warned", "recall of "),
        ({"regression": {"logLoss": {"by": 0, "better": "lower"}}}, "refused", "logLoss 1."),
        ({"regression": {"logLoss": {"by": 0, "better": "higher"}}}, "passed", None),
        ({"mode": "warn"}, "none", None),
    ],
)
def test_the_gate_bounds_any_figure(server, variables, gate, state, reason):
    first = train(variables)
    champion = {"CHAMPION_VERSION": "1", "CHAMPION_SHA256": first["sha256"]}
    worse = {"HYPERPARAMETERS": POOR} if "regression" in gate else {}
    judged = train(variables, RUN_TOKEN="two", GATE=json.dumps(gate), **worse, **champion)
    told = judged["gate"]
    assert tags(server.versions[judged["version"]])["gate"] == state
    assert told["passed"] == (state != "refused")
    assert told["reasons"][0].startswith(reason) if reason else told["reasons"] == []


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ({"bounds": {"rmse": {"max": 1}}}, "gate.bounds.rmse: no such figure; it has accuracy, f1."),
        ({"bounds": {"logLoss": {}}}, "bounds.logLoss: got {}"),
        ({"bounds": {"logLoss": {"max": "1"}}}, "bounds.logLoss: got {'max': '1'}"),
        ({"regression": {"logLoss": 0.1}}, "regression.logLoss: got 0.1"),
        ({"regression": {"logLoss": {"by": 1, "better": "less"}}}, "regression.logLoss: got {'by': 1"),
        ({"mode": "stop"}, "mode: got 'stop'"),
    ],
)
def test_a_wrong_gate_is_a_wrong_configuration(variables, gate, says):
    done = run("train", variables | {"GATE": json.dumps(gate)})
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_a_champion_that_cannot_be_scored_counts_as_the_deployment_says(variables):
    train(variables)
    gone = {"CHAMPION_VERSION": "1", "CHAMPION_SHA256": "0" * 64, "SEED": "8"}
    refused = train(variables, RUN_TOKEN="two", GATE_UNCOMPARED="refuse", **gone)["gate"]
    assert (refused["passed"], refused["compared"]) == (False, False)
    assert "cannot be scored: it has hash" in refused["reasons"][0]
    floors = train(variables, RUN_TOKEN="three", **gone)["gate"]
    assert (floors["passed"], floors["reasons"]) == (True, [])
    assert "cannot be scored" in floors["note"]


def test_wrong_variables_are_told_all_at_once_and_leave_nothing(server, variables):
    wrong = {
        "TRIALS": "0", "GATE": '{"floor": {}}', "HYPERPARAMETERS": '{"C": 1}', "RUN_TOKEN": " ",
        "TRAINER_SETTINGS": '{"trainingSeconds": true}', "DATA_DIR": "/nowhere",
    }  # fmt: skip
    done = run("train", variables | wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert {line.split(":")[0] for line in done.stderr.splitlines()} == set(wrong)
    assert server.asked == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1 is "),
        ("label,x\na,1,2\n", "line 2 is a,1,2; expected a label and 1 numbers"),
        ("label,x\na,nan\n", "line 2 is a,nan"),
        ("label,x\n" + "a,1\n" * 30 + "b,2\n", "too few rows of b"),
    ],
)
def test_wrong_data_is_told_with_its_line_and_the_run_has_failed(server, variables, tmp_path, text, says):
    (tmp_path / "table.csv").write_text(text)
    done = run("train", variables | {"DATA_DIR": str(tmp_path)})
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[-1].startswith(f"{tmp_path}/table.csv: ")
    assert says in done.stderr
    assert [each["info"]["status"] for each in server.runs.values()] == ["FAILED"]


def test_an_mlflow_that_is_away_is_waited_for_as_long_as_the_setting_says(variables):
    away = variables | {"MLFLOW_TRACKING_URI": "http://127.0.0.1:1"}
    began = time.monotonic()
    done = run("train", away | {"TRAINER_SETTINGS": '{"mlflowRetrySeconds": 1}'})
    assert (done.returncode, done.stdout) == (4, "")
    assert 1 <= time.monotonic() - began < 30  # without the setting it is a minute
    assert "MLFLOW_TRACKING_URI: no answer" in done.stderr


def test_a_later_attempt_ends_an_earlier_one_which_registers_nothing(server, variables):
    train(variables, SEED="8")

    def later():
        server.post_experiments_set_experiment_tag("1", "run_token", "later")

    server.before["experiments/get"] = later
    done = run("train", variables | {"RUN_TOKEN": "two"})
    assert (done.returncode, done.stdout) == (5, "")
    assert list(server.versions) == ["1"]
    assert server.runs["run2"]["info"]["status"] == "KILLED"


def test_a_run_that_was_left_is_ended_by_the_next(server, variables):
    train(variables)
    server.runs["run1"]["info"]["status"] = "RUNNING"
    train(variables, RUN_TOKEN="two")
    assert server.runs["run1"]["info"]["status"] == "KILLED"


def test_sigterm_ends_a_slow_training_and_its_run(server, variables):
    process = start("train", variables | {"TRAINER_SETTINGS": '{"trainingSeconds": 60}'})
    stages = []
    for line in process.stderr:
        word, _, told = line.partition(" ")
        assert word == agreed.constant("progressWord")
        assert agreed.problems(json.loads(told), "progress") == []
        stages.append(json.loads(told)["stage"])
        if "tuning" in stages:
            break
    order = [agreed.constants("stage").index(stage) for stage in stages]
    assert order == sorted(order)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=10)
    assert (process.returncode, output) == (143, "")
    assert server.runs["run1"]["info"]["status"] == "KILLED"
    assert server.versions == {}


def test_the_schema_knows_every_setting_and_the_release_brings_none():
    schema = json.loads((ROOT / "settings.schema.json").read_text())
    assert set(schema["properties"]) == set(SETTINGS)
    assert json.loads((ROOT / "stub" / "defaults.json").read_text()) == {}
