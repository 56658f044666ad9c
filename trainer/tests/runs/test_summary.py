"""The description of a run, in a real MLflow, with and without a language model."""

import json
import signal
import time

import pytest
from mlflow_server import FIXED, process, run
from ollama_server import OllamaServer

from kit.contract import protocol
from kit.registry import connection, runs
from kit.summaries import facts, summary

GATE = json.dumps({"regression": {"macroF1": 0.02, "recall": 0.05}})
POOR = json.dumps(FIXED | {"iterations": 1, "leaves": 2, "learning_rate": 0.01})


def description(client, run_id):
    return client.get_run(run_id).data.tags["mlflow.note.content"]


def only_run(client, environment):
    experiment = client.get_experiment_by_name(environment["MLFLOW_EXPERIMENT_NAME"])
    (found,) = client.search_runs([experiment.experiment_id])
    return found


def test_a_run_explains_itself_against_the_champion(environment, client, capsys):
    name = environment["MODEL_NAME"]
    _, first = run(environment)
    text = description(client, first["runId"])
    came = "This run registered **version 1**. It has the alias `challenger`. There is no gate."
    assert text.startswith(came)
    assert "Not compared with a champion: there is no gate." in text
    assert "- 960 traces of 64 samples, one each " in text
    client.set_registered_model_alias(name, "champion", "1")

    _, second = run(environment, GATE=GATE, HYPERPARAMETERS=POOR, RUN_TRIGGER="alert ModelDrift")
    text = description(client, second["runId"])
    theirs, own = first["metrics"]["macroF1"], second["metrics"]["macroF1"]
    assert text.startswith("Started by: alert ModelDrift.\n\nThis run registered **version 2**.")
    assert f"The gate **refused** it:\n- {second['gate']['reasons'][0]}" in text
    assert f"| macro F1 | {theirs:.3f} | {own:.3f} | {own - theirs:+.3f} |" in text
    assert "| leaves | `7` | `2` |" in text
    assert "- the same data as version 1" in text
    assert client.get_run(second["runId"]).data.tags["trigger"] == "alert ModelDrift"

    _, again = run(environment, GATE=GATE)
    text = description(client, again["attemptRunId"])
    assert text.startswith("This run reproduces **version 1**: nothing new is registered. ")
    assert description(client, first["runId"]).startswith(came)
    assert '"stage": "summary"' not in capsys.readouterr().err


def test_the_model_s_words_stand_above_the_facts(environment, client, capsys):
    with OllamaServer(0, "llama3.2:1b", "pull") as server:
        code, result = run(environment, SUMMARY_URL=server.address)
    assert code == protocol.OK
    text = description(client, result["runId"])
    assert text.startswith(
        "> The run concerns version 1. Its recall of each class is in the table, and &lt;b>the data&lt;/b> "
        "has no fault that was \\[counted\\](http://127.0.0.1/).\n> Nothing else is known.\n\n"
        "Written by the language model `llama3.2:1b` from the facts below, which alone count.\n\n---\n\n"
        "This run registered **version 1**."
    )
    # The model got the facts and nothing else.
    given = server.requests[-1][1]["messages"][1]["content"]
    assert text.endswith(given)
    lines = capsys.readouterr().err.splitlines()
    stages = [json.loads(line[9:]) for line in lines if line.startswith("progress ")]
    assert list(dict.fromkeys(one["stage"] for one in stages)) == [
        *protocol.PROGRESS_STAGES, *protocol.OPTIONAL_STAGES,
    ]  # fmt: skip
    assert stages[-1] == {"stage": "summary", "done": 1, "total": 1, "note": ""}


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("no-pull", "No summary: Ollama refuses llama3.2:1b: pull model manifest: Get "),
        ("hangs", "No summary: llama3.2:1b was not done within 1 s\n\n---\n\nThis run registered"),
        ("garbled", "No summary: the model's answer is no text that one could read\n"),
    ],
)
def test_without_a_summary_the_run_succeeds_all_the_same(environment, client, capsys, mode, says):
    with OllamaServer(0, "llama3.2:1b", mode) as server:
        code, result = run(environment, SUMMARY_URL=server.address, SUMMARY_TIMEOUT="1")
    assert (code, result["version"]) == (protocol.OK, "1")
    assert description(client, result["runId"]).startswith(says)
    assert client.get_run(result["runId"]).info.status == "FINISHED"
    assert capsys.readouterr().err.count("WARNING summary: no summary: ") == 1


def test_the_result_is_out_before_the_model_is_asked_and_sigterm_ends_the_wait(environment, client):
    with OllamaServer(0, "llama3.2:1b", "hangs") as server:
        trainer = process(environment, SUMMARY_URL=server.address)
        result = json.loads(trainer.stdout.readline())
        for line in trainer.stderr:
            if "asking llama3.2:1b" in line:
                break
        began = time.monotonic()
        trainer.send_signal(signal.SIGTERM)
        _, errors = trainer.communicate(timeout=60)
    assert trainer.returncode == protocol.OK, errors
    assert time.monotonic() - began < 10
    assert "ended by SIGTERM while the run was described; its result stands" in errors
    assert client.get_run(result["runId"]).info.status == "FINISHED"
    # The facts were written first.
    assert description(client, result["runId"]).startswith("This run registered **version 1**.")


def test_mlflow_that_is_gone_after_the_result_changes_nothing(environment, monkeypatch, capsys):
    def gone(*_):
        raise connection.Unreachable("gone")

    monkeypatch.setattr(runs.Registry, "describe", gone)
    code, result = run(environment)
    assert (code, result["version"]) == (protocol.OK, "1")
    assert "WARNING train: the run's description is not complete: gone" in capsys.readouterr().err


def test_a_failed_run_says_why(environment, client, tmp_path, monkeypatch):
    (tmp_path / "broken.sgy").write_bytes(b"no survey")
    assert run(environment, DATA_DIR=str(tmp_path)) == (protocol.BAD_DATA, None)
    left = only_run(client, environment)
    assert left.info.status == "FAILED"
    text = left.data.tags["mlflow.note.content"]
    assert text.startswith("**The data cannot be trained on.** Nothing was registered.\n\n```\n")
    assert "broken.sgy" in text
    client.delete_run(left.info.run_id)

    def fail(*_):
        raise RuntimeError("out of luck")

    monkeypatch.setattr(runs.Registry, "upload", fail)
    assert run(environment) == (protocol.FAILED, None)
    text = only_run(client, environment).data.tags["mlflow.note.content"]
    assert text == "**Training failed.** Nothing was registered.\n\n```\nRuntimeError: out of luck\n```"


def test_the_description_fits_into_a_tag(environment, client, monkeypatch):
    monkeypatch.setattr(summary, "explain", lambda *_: "A <word> of it. " * 250)
    monkeypatch.setattr(facts, "describe", lambda _: "fact\n" * 3000)
    _, result = run(environment, SUMMARY_URL="http://127.0.0.1:9")
    text = description(client, result["runId"])
    assert len(text) <= facts.LONGEST
    assert text.endswith("…")
    assert "Written by the language model" in text
