"""The language model's part of a run's description, with a server that has Ollama's API."""

import time

import pytest
from ollama_server import Handler, OllamaServer

from kit.summaries import explanation
from kit.summaries.explanation import NoSummary, explain, prose

FACTS = "This run registered **version 4**."


def ask(server, model="llama3.2:1b", seconds=10.0, told=None):
    return explain(FACTS, server.address, model, seconds, (told if told is not None else []).append)


def test_a_model_that_is_there_is_asked_once():
    told = []
    with OllamaServer(0, "llama3.2:1b", "has") as server:
        text = ask(server, told=told)
    assert text == (
        "The run concerns version 4. Its recall of each class is in the table, and <b>the data</b> has no "
        "fault that was [counted](http://127.0.0.1/).\nNothing else is known."
    )
    ((path, given),) = server.requests
    assert path == "/api/chat"
    assert given["options"] == {"temperature": 0.0, "seed": 7, "num_predict": 400, "num_ctx": 4096}
    assert [message["role"] for message in given["messages"]] == ["system", "user"]
    assert given["messages"][1]["content"] == FACTS
    assert (given["stream"], given["keep_alive"]) == (False, 0)
    assert told == ["asking llama3.2:1b"]


def test_a_model_that_is_missing_is_pulled_first():
    told = []
    with OllamaServer(0, "llama3.2", "pull") as server:
        assert ask(server, "llama3.2", told=told).startswith("The run concerns version 4.")
    assert [path for path, _ in server.requests] == ["/api/chat", "/api/pull", "/api/chat"]
    assert "fetching llama3.2, 50 %" in told
    assert len(told) == len(set(told)) + 1  # "asking" twice, and no percentage twice


@pytest.mark.parametrize(
    ("mode", "model", "says"),
    [
        ("no-pull", "llama3.2:1b", "Ollama refuses llama3.2:1b: pull model manifest: Get "),
        ("pull", "other:1b", "Ollama refuses other:1b: pull model manifest: file does not exist"),
        ("empty", "llama3.2:1b", "the model answered with nothing"),
        ("garbled", "llama3.2:1b", "the model's answer is no text that one could read"),
    ],
)
def test_the_reason_is_one_line(mode, model, says):
    with OllamaServer(0, "llama3.2:1b", mode) as server, pytest.raises(NoSummary) as caught:
        ask(server, model)
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) <= explanation.LONGEST_REASON


@pytest.mark.parametrize("mode", ["hangs", "stalls", "trickles"])
def test_the_time_is_bounded(mode):
    began = time.monotonic()
    with OllamaServer(0, "llama3.2:1b", mode) as server, pytest.raises(NoSummary) as caught:
        ask(server, seconds=0.7)
    assert str(caught.value) == "llama3.2:1b was not done within 0.7 s"
    assert 0.5 < time.monotonic() - began < 3


def test_no_server_and_another_server(monkeypatch):
    with OllamaServer(0, "llama3.2:1b", "has") as server:
        address = server.address
    with pytest.raises(NoSummary, match=r"^no Ollama answers at 127\.0\.0\.1:\d+$"):
        explain(FACTS, address.replace("//", "//user:secret@"), "m", 5, print)
    with pytest.raises(NoSummary, match=r"^no Ollama answers at ollama\.invalid:11434$"):
        explain(FACTS, "http://ollama.invalid:11434", "m", 5, print)
    with OllamaServer(0, "llama3.2:1b", "has") as server:
        monkeypatch.setattr(Handler, "chat", lambda self, *_: self.send(200, b"<html>", "text/html"))
        with pytest.raises(NoSummary, match=r"^what answers at 127\.0\.0\.1:\d+ is not Ollama \("):
            ask(server)


def test_what_a_model_wrote_is_cleaned_and_bounded():
    sentence = "The recall of anomaly fell\x00 by a tenth,\u202e\ud800 which is much. "
    text = prose(f"<think>They want\nprose.</think>\r\n\n{sentence * 200}")
    assert text.startswith("The recall of anomaly fell by a tenth, which is much. The")
    assert len(text) == explanation.LONGEST_PROSE
    text.encode()
    with pytest.raises(NoSummary, match="nothing"):
        prose("<think>It never came to an end, and there is no answer after it.")


def test_a_cut_answer_ends_with_a_sentence(monkeypatch):
    text = "The recall rose by 0.5 for the anomaly class. All is well!"
    with OllamaServer(0, "llama3.2:1b", "has") as server:
        monkeypatch.setattr(
            explanation.ollama.Client, "chat",
            lambda *_, **__: explanation.ollama.ChatResponse(
                message={"role": "assistant", "content": f"{text} The"},
                done_reason="length",
            ),
        )  # fmt: skip
        assert ask(server) == text
