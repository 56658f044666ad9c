"""A run's description in MLflow: its facts, and above them a language model's words, if one is asked.

It is written after everything else, so no error here changes the result of the run.
"""

import logging
from collections.abc import Mapping
from typing import Any, Protocol

from kit.contract.protocol import progress
from kit.judging.gate import STATE_TAG
from kit.registry.connection import bound_retries
from kit.registry.names import DATA_HASH_TAG
from kit.registry.runs import Registry
from kit.reports.markdown import plain, shortened
from kit.summaries import facts
from kit.summaries.explanation import LONGEST_PROSE, NoSummary, explain

# One short retry. After the result, nothing is worth a long wait.
PATIENCE_SECONDS = 1.0

log = logging.getLogger("summary")


class SummarySettings(Protocol):
    """A part of a run's settings. docs/trainer-contract.md describes the variables."""

    run_trigger: str
    summary_url: str
    summary_model: str
    summary_timeout: float


def describe_run(
    registry: Registry,
    settings: SummarySettings,
    result: Mapping[str, Any],
    data: Any,
    seconds: float,
) -> None:
    """Describe a published run. First write its facts alone, then add the summary, if one is wanted.

    Parameters
    ----------
    result : the result line.
    data : the data, see `kit.training.learner.Data`.
    seconds : the time that the run took.

    Raises
    ------
    connection.Unreachable, MlflowException
    """
    bound_retries(PATIENCE_SECONDS)
    text = facts.describe(_facts(registry, settings.run_trigger, result, data, seconds))
    registry.describe(shortened(text, facts.LONGEST))
    if settings.summary_url:
        head = _summary(text, settings)
        registry.describe(f"{head}\n\n---\n\n{shortened(text, facts.LONGEST - len(head) - 7)}")


def describe_failure(registry: Registry, what: str, error: str) -> None:
    """Describe a run that ended without a version. Does nothing if there is no run yet.

    Parameters
    ----------
    what : a sentence.
    error : the log's message.
    """
    if registry.run_id:
        registry.describe(facts.describe_failure(what, error))


def _summary(text: str, settings: SummarySettings) -> str:
    """Markdown above the facts: prose with its author, or one line with the reason why there is none."""
    model = settings.summary_model

    def tell(note: str) -> None:
        progress("summary", 0, 1, note)

    try:
        prose = explain(text, settings.summary_url, model, settings.summary_timeout, tell)
    except NoSummary as reason:
        log.warning("no summary: %s", reason)
        progress("summary", 1, 1, "none")
        return f"No summary: {plain(str(reason))}"
    progress("summary", 1, 1)
    quoted = "\n".join(f"> {plain(line)}" for line in prose.splitlines())
    # Cut again, because escaped characters take more room.
    quoted = shortened(quoted, LONGEST_PROSE)
    return f"{quoted}\n\nWritten by the language model `{model}` from the facts below, which alone count."


def _facts(
    registry: Registry, trigger: str, result: Mapping[str, Any], data: Any, seconds: float
) -> facts.Facts:
    own = registry.run(result["attemptRunId"])
    version = registry.versions.champion()
    champion = None
    if version is not None:
        run_id = registry.versions.run_id(version.version)
        theirs = registry.run(run_id) if run_id else None
        champion = facts.Champion(version.version, theirs and _run(theirs.data))
    return facts.Facts(
        result=result,
        data=data.facts,
        described=data.described(),
        quality=data.quality["verdict"],
        doubts=data.doubts(),
        gate=own.data.tags[STATE_TAG],
        run=_run(own.data),
        champion=champion,
        seconds=seconds,
        trigger=trigger,
    )


def _run(data: Any) -> facts.Run:
    return facts.Run(data.params, data.tags.get(DATA_HASH_TAG, ""))
