"""The trainer's contract with whoever starts it: environment in, progress and one JSON line out.

`docs/trainer-contract.md` is the same contract in prose.
"""

import json
import logging
import math
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from seismic.gate import Gate

OK = 0
FAILED = 1
BAD_CONFIGURATION = 2
BAD_DATA = 3
MLFLOW_UNREACHABLE = 4
SUPERSEDED = 5
TERMINATED = 128 + 15  # what a shell reports for SIGTERM

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
PROGRESS_STAGES = ("reading", "features", "tuning", "evaluation", "registering")

# Optuna's and scikit-learn's generators take 32-bit seeds.
MAX_SEED = 2**32 - 1


class ConfigurationError(Exception):
    """The environment variables are wrong; the message names each of them and the remedy."""


class Superseded(Exception):
    """A later attempt has taken over this environment; this one registers nothing."""


class Terminated(BaseException):
    """SIGTERM arrived. Not an Exception, so that no library's `except Exception` swallows it."""


@dataclass(frozen=True)
class Settings:
    """What one training run is told. The defaults of optional variables live here only.

    What MLflow needs may be empty if `register` is False.
    """

    data_dir: Path
    mlflow_tracking_uri: str = ""
    mlflow_experiment_name: str = ""
    model_name: str = ""
    environment: str = ""
    run_token: str = ""
    register: bool = True
    gate: Gate | None = None
    release_ref: str = ""
    git_commit: str = ""
    git_dirty: bool = False
    image: str = ""
    seed: int = 7
    trials: int = 20
    time_budget: float = 1800.0
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    log_level: str = "INFO"
    threads: int = field(default_factory=lambda: os.process_cpu_count() or 1)
    mlflow_retry_seconds: float = 60.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Parse strictly; an empty value counts as not given.

        Raises
        ------
        ConfigurationError
            with every problem in one message, one a line, variable name first.
        """
        problems: list[str] = []
        values: dict[str, Any] = {}
        for name, parse in _PARSERS.items():
            text = environment.get(name, "").strip()
            if not text:
                if name in (_REQUIRED if values.get("register", True) else ("DATA_DIR",)):
                    problems.append(f"{name}: not given; {_REQUIRED[name]}")
                continue
            try:
                values[name.lower()] = parse(text)
            except ValueError as problem:
                problems.append(f"{name}: {problem}")
        if problems:
            raise ConfigurationError("\n".join(problems))
        return cls(**values)


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"got {text!r}; expected an address such as http://mlflow:5000")
    return text


def _model_name(text: str) -> str:
    # MLflow refuses "/" and ":" because models:/name/version is its address of a version.
    if not re.fullmatch(r"[\w.\- ]+", text):
        raise ValueError(f"got {text!r}; letters, digits, '_', '-', '.' and spaces are allowed")
    return text


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise ValueError(f"got {text!r}, which is no folder; mount the survey's folder there")
    return path


def _one_of(*allowed: str):
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"got {text!r}; allowed: {', '.join(allowed)}")
        return text

    return parse


def _flag(text: str) -> bool:
    return _one_of("true", "false")(text) == "true"


def _whole(least: int, most: int):
    def parse(text: str) -> int:
        number = int(text) if re.fullmatch(r"-?\d+", text) else None
        if number is None or not least <= number <= most:
            raise ValueError(f"got {text!r}; expected a whole number from {least} to {most}")
        return number

    return parse


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"got {text!r}; expected seconds, above 0, such as 600")
    return number


def _object(text: str, example: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(f"got {text!r}; expected a JSON object such as {example}")
    return values


def _gate(text: str) -> Gate | None:
    return Gate.parse(_object(text, '{"floors": {"macroF1": 0.7}}'))


def _hyperparameters(text: str) -> dict[str, Any]:
    # The names and ranges belong to the classifiers; imported late, for this module must stay light.
    from seismic import classifiers

    values = _object(text, '{"C": 1.0}')
    classifiers.check_fixed(values)
    return values


_REQUIRED = {
    "MLFLOW_TRACKING_URI": "the address of this environment's MLflow, such as http://mlflow:5000",
    "MLFLOW_EXPERIMENT_NAME": "the experiment that gets the run, such as seismic-dev",
    "MODEL_NAME": "the registered model's name, such as SeismicClassifier",
    "DATA_DIR": "the folder with the survey, such as /data",
    "ENVIRONMENT": "the environment's name, such as dev",
    "RUN_TOKEN": "any text that identifies this attempt, such as a UUID",
}

_PARSERS = {
    "REGISTER": _flag,  # first, as it decides what is needed
    "MLFLOW_TRACKING_URI": _address,
    "MLFLOW_EXPERIMENT_NAME": str,
    "MODEL_NAME": _model_name,
    "GATE": _gate,
    "DATA_DIR": _folder,
    "ENVIRONMENT": str,
    "RELEASE_REF": str,
    "GIT_COMMIT": str,
    "GIT_DIRTY": _flag,
    "IMAGE": str,
    "RUN_TOKEN": str,
    "SEED": _whole(0, MAX_SEED),
    "TRIALS": _whole(1, 10_000),
    "TIME_BUDGET": _seconds,
    "HYPERPARAMETERS": _hyperparameters,
    "LOG_LEVEL": _one_of(*LOG_LEVELS),
    "THREADS": _whole(1, 1024),
    "MLFLOW_RETRY_SECONDS": _seconds,
}


def start_logging(level: str) -> None:
    """Log lines of ours to standard error, as `12:03:11 INFO survey: ...`; libraries only warn."""
    logging.basicConfig(
        stream=sys.stderr,
        level=level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
        force=True,
    )
    for chatty in ("mlflow", "optuna", "matplotlib", "urllib3", "git", "PIL"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def progress(stage: str, done: int, total: int, note: str = "") -> None:
    """Write one progress line to standard error; `stage` is one of PROGRESS_STAGES."""
    if stage not in PROGRESS_STAGES:
        raise ValueError(f"stage: got {stage!r}; allowed: {', '.join(PROGRESS_STAGES)}")
    line = json.dumps({"stage": stage, "done": done, "total": total, "note": note})
    print(f"progress {line}", file=sys.stderr, flush=True)


def claim_standard_output() -> TextIO:
    """Keep standard output for the result: whatever else is printed goes to standard error.

    Done on the file descriptor, so that C libraries and child processes are caught as well.

    Returns
    -------
    the stream to which the result is written.
    """
    sys.stdout.flush()
    result = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return result


def write_result(stream: TextIO, result: Mapping[str, Any]) -> None:
    """Write the one JSON line, after all that standard error still holds."""
    sys.stderr.flush()
    stream.write(json.dumps(result, allow_nan=False) + "\n")
    stream.flush()
