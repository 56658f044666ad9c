"""A trainer process's protocol with the program that starts it: exit codes, progress, and one JSON line.

`docs/trainer-contract.md` is the same contract in prose.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

# The artifact of a run with the answers that its version must give.
EXPECTATIONS = "expectations.json"

OK = 0
FAILED = 1
BAD_CONFIGURATION = 2
BAD_DATA = 3
MLFLOW_UNREACHABLE = 4
SUPERSEDED = 5
TERMINATED = 128 + 15  # a shell reports this for SIGTERM

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# Begins a line of progress.
PROGRESS = "progress "
PROGRESS_STAGES = ("reading", "features", "tuning", "evaluation", "registering")
# Stages of runs with more to do. They come after the other stages, in this order.
OPTIONAL_STAGES = ("summary",)


class ConfigurationError(Exception):
    """The environment variables are wrong. The message names each of them and the remedy."""


class DataError(Exception):
    """The data cannot be used. The message names the path, the problem and the remedy."""


class Superseded(Exception):
    """A later attempt has taken over this environment. This attempt registers nothing."""


class Terminated(BaseException):
    """SIGTERM arrived. It is no Exception, so a library's `except Exception` cannot catch it."""


def start_logging(level: str) -> None:
    """Write the package's log lines to standard error, as `12:03:11 INFO survey: ...`.

    Libraries only warn.
    """
    logging.basicConfig(
        stream=sys.stderr,
        level=level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
        force=True,
    )
    for chatty in ("mlflow", "optuna", "matplotlib", "urllib3", "git", "PIL", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def progress(stage: str, done: int, total: int, note: str = "") -> None:
    """Write one progress line to standard error; `stage` is one of PROGRESS_STAGES or OPTIONAL_STAGES."""
    stages = PROGRESS_STAGES + OPTIONAL_STAGES
    if stage not in stages:
        raise ValueError(f"stage: got {stage!r}; allowed: {', '.join(stages)}")
    line = json.dumps({"stage": stage, "done": done, "total": total, "note": note})
    print(f"{PROGRESS}{line}", file=sys.stderr, flush=True)


def claim_standard_output() -> TextIO:
    """Keep standard output for the result. All other output goes to standard error.

    This is done on the file descriptor, so it also catches C libraries and child processes.

    Returns
    -------
    the stream for the result.
    """
    sys.stdout.flush()
    result = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return result


def write_result(stream: TextIO, result: Mapping[str, Any]) -> None:
    """Write the one JSON line, after flushing standard error."""
    sys.stderr.flush()
    stream.write(json.dumps(result, allow_nan=False) + "\n")
    stream.flush()
