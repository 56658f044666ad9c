"""A few sentences on a run, which a language model of Ollama makes only from the run's facts.

The model's text is data from a stranger: it is cleaned and bounded, and never decides anything.
"""

import queue
import re
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import ollama

from kit.reports.markdown import shortened

LONGEST_PROSE = 4000
LONGEST_REASON = 300
SHORTEST_PROSE = 40
# The share among characters that are no space. In a real answer, about a tenth are figures.
LEAST_SHARE_OF_LETTERS = 0.5

TASK = (
    "You write for engineers who deploy a trained model. Below are the facts of one training run. In 3 to 6 "
    "sentences of plain English, say what changed against the champion, what that means for each class if "
    "there are classes, and how good the data is. Use these facts only; where they say nothing, say nothing. "
    "No list, no heading, no table."
)
# The same facts get the same answer. 400 tokens are twice the length of six sentences. The facts have about
# 1,500.
OPTIONS = {"temperature": 0.0, "seed": 7, "num_predict": 400, "num_ctx": 4096}


class NoSummary(Exception):
    """There is no summary. The message is one line with the reason."""


def explain(facts: str, url: str, model: str, seconds: float, on_progress: Callable[[str], None]) -> str:
    """Let the model write about the facts. It is pulled first if the server lacks it.

    Parameters
    ----------
    facts : Markdown, see `kit.summaries.facts`.
    url, model : Ollama's address, such as http://ollama:11434, and the name of the model.
    seconds : the time for everything.
    on_progress : called with a short note during a wait, from another thread.

    Returns
    -------
    plain text of at most LONGEST_PROSE characters

    Raises
    ------
    NoSummary
        for any error.
    """
    outcome: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            outcome.put(_ask(facts, url, model, seconds, on_progress))
        except Exception as error:
            outcome.put(error)

    # httpx bounds single reads, but not a server that sends a byte now and then, and not the look-up of a
    # name.
    threading.Thread(target=work, name="summary", daemon=True).start()
    try:
        told = outcome.get(timeout=seconds)
    except queue.Empty:
        told = TimeoutError()
    if isinstance(told, Exception):
        raise NoSummary(_one_line(_reason(told, url, model, seconds)))
    return prose(told)


def prose(text: str) -> str:
    """The plain text of a model's answer, without its thoughts and without control characters.

    Raises
    ------
    NoSummary
        if no readable text remains.
    """
    text = re.sub(r"<think>.*?(</think>|$)", "", text, flags=re.DOTALL)
    lines = [" ".join(line.split()) for line in _printable(text).splitlines()]
    text = "\n".join(line for line in lines if line)
    letters = sum(sign.isalpha() for sign in text)
    solid = sum(not sign.isspace() for sign in text)
    if not solid:
        raise NoSummary("the model answered with nothing")
    if solid < SHORTEST_PROSE or letters < solid * LEAST_SHARE_OF_LETTERS:
        raise NoSummary("the model's answer is no text that one could read")
    return shortened(text, LONGEST_PROSE)


def _ask(facts: str, url: str, model: str, seconds: float, on_progress: Callable[[str], None]) -> str:
    ends = time.monotonic() + seconds
    with ollama.Client(host=url, timeout=seconds) as client:
        try:
            return _chat(client, model, facts, on_progress)
        except ollama.ResponseError as error:
            if error.status_code != 404:
                raise
        # When the time is over, Ollama keeps the fetched part, and the next run goes on from there.
        percent = -1
        for part in client.pull(model, stream=True):
            if time.monotonic() > ends:
                raise TimeoutError
            done = 100 * (part.completed or 0) // part.total if part.total else percent
            if done != percent:
                percent = done
                on_progress(f"fetching {model}, {percent} %")
        return _chat(client, model, facts, on_progress)


def _chat(client: ollama.Client, model: str, facts: str, on_progress: Callable[[str], None]) -> str:
    on_progress(f"asking {model}")
    answer = client.chat(
        model,
        [{"role": "system", "content": TASK}, {"role": "user", "content": facts}],
        options=OPTIONS,
        keep_alive=0,  # nobody asks again before the next run, and it takes gigabytes
    )
    text = answer.message.content or ""
    if answer.done_reason == "length" and (whole := re.match(r".*[.!?](?=\s)", text, re.DOTALL)):
        text = whole.group()
    return text


def _reason(error: Exception, url: str, model: str, seconds: float) -> str:
    if isinstance(error, ollama.ResponseError):
        return f"Ollama refuses {model}: {error.error}"
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return f"{model} was not done within {seconds:g} s"
    if isinstance(error, ConnectionError | httpx.TransportError):
        return f"no Ollama answers at {urlsplit(url).netloc.rpartition('@')[2]}"
    return f"what answers at {urlsplit(url).netloc.rpartition('@')[2]} is not Ollama ({type(error).__name__})"


def _one_line(text: str) -> str:
    return shortened(" ".join(_printable(text).split()), LONGEST_REASON)


def _printable(text: str) -> str:
    """Without control characters, lone surrogates and marks that turn the direction of writing."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
