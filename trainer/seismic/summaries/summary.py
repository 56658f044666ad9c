"""The description of a run in MLflow: its facts, and above them what a language model says, if one is asked.

It is written when all else is done: nothing that goes wrong here changes what came of the run.
"""

import logging
from collections.abc import Mapping
from typing import Any

from seismic.contract.protocol import progress
from seismic.judging.gate import STATE_TAG
from seismic.registry.connection import bound_retries
from seismic.registry.names import DATA_HASH_TAG
from seismic.registry.runs import Registry
from seismic.summaries import facts
from seismic.summaries.explanation import LONGEST_PROSE, NoSummary, explain
from seismic.training.settings import Settings

# One short retry: after the result there is nothing that would be worth a long wait.
PATIENCE_SECONDS = 1.0

log = logging.getLogger("summary")


def describe_run(
    registry: Registry,
    settings: Settings,
    result: Mapping[str, Any],
    quality: Mapping[str, Any],
    seconds: float,
) -> None:
    """Describe a published run, first by its facts alone, then with the summary, if there is to be one.

    Parameters
    ----------
    result : the result line.
    quality : what quality.json has.
    seconds : how long the run took.

    Raises
    ------
    connection.Unreachable, MlflowException
    """
    bound_retries(PATIENCE_SECONDS)
    text = facts.describe(_facts(registry, settings.run_trigger, result, quality, seconds))
    registry.describe(facts.shortened(text, facts.LONGEST))
    if settings.summary_url:
        head = _summary(text, settings)
        registry.describe(f"{head}\n\n---\n\n{facts.shortened(text, facts.LONGEST - len(head) - 7)}")


def describe_failure(registry: Registry, what: str, error: str) -> None:
    """Describe a run that ended without a version; does nothing if there is no run yet.

    Parameters
    ----------
    what : a sentence.
    error : the message that the log has.
    """
    if registry.run_id:
        registry.describe(facts.describe_failure(what, error))


def _summary(text: str, settings: Settings) -> str:
    """Markdown to stand above the facts: prose with its author, or one line that says why there is none."""
    model = settings.summary_model

    def tell(note: str) -> None:
        progress("summary", 0, 1, note)

    try:
        prose = explain(text, settings.summary_url, model, settings.summary_timeout, tell)
    except NoSummary as reason:
        log.warning("no summary: %s", reason)
        progress("summary", 1, 1, "none")
        return f"No summary: {facts.plain(str(reason))}"
    progress("summary", 1, 1)
    quoted = "\n".join(f"> {line}" for line in facts.plain(prose).splitlines())
    # Once more, for signs that are written out take more room.
    quoted = facts.shortened(quoted, LONGEST_PROSE)
    return f"{quoted}\n\nWritten by the language model `{model}` from the facts below, which alone count."


def _facts(
    registry: Registry, trigger: str, result: Mapping[str, Any], quality: Mapping[str, Any], seconds: float
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
        quality=quality,
        gate=own.data.tags[STATE_TAG],
        run=_run(own.data),
        champion=champion,
        seconds=seconds,
        trigger=trigger,
    )


def _run(data: Any) -> facts.Run:
    return facts.Run(data.params, data.tags.get(DATA_HASH_TAG, ""))
