"""The trainer's contract with whoever starts it: environment in, progress and one JSON line out.

`docs/trainer-contract.md` is the same contract in prose.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from seismic.contract import variables
from seismic.judging.gate import FLOORS, REFUSE, Gate

# The artifact of a run that holds what its version must answer.
EXPECTATIONS = "expectations.json"

# Its library takes a while to import.
if TYPE_CHECKING:
    from seismic.data.settings import TrainerSettings

OK = 0
FAILED = 1
BAD_CONFIGURATION = 2
BAD_DATA = 3
MLFLOW_UNREACHABLE = 4
SUPERSEDED = 5
TERMINATED = 128 + 15  # what a shell reports for SIGTERM

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
PROGRESS_STAGES = ("reading", "features", "tuning", "evaluation", "registering")
# Stages of runs that are told to do more, in this order after the others.
OPTIONAL_STAGES = ("summary",)

# Optuna's and scikit-learn's generators take 32-bit seeds.
MAX_SEED = 2**32 - 1
LONGEST_TRIGGER = 200


def _no_settings() -> "TrainerSettings":
    from seismic.data.settings import TrainerSettings

    return TrainerSettings()


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
    gate_uncompared: str = FLOORS
    champion_version: str = ""
    champion_sha256: str = ""
    champion_files_sha256: str = ""
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
    run_trigger: str = ""
    summary_url: str = ""
    summary_model: str = "llama3.2:1b"
    summary_timeout: float = 120.0
    trainer_settings: "TrainerSettings" = field(default_factory=_no_settings)

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
                problems += [f"{name}: {line}" for line in str(problem).splitlines()]
        if "champion_version" in values and "champion_sha256" not in values:
            problems.append("CHAMPION_SHA256: not given; it says which model CHAMPION_VERSION must be")
        if problems:
            raise ConfigurationError("\n".join(problems))
        return cls(**values)


def _gate(text: str) -> Gate | None:
    return Gate.parse(variables.json_object(text, '{"floors": {"macroF1": 0.7}}'))


def _trainer_settings(text: str) -> "TrainerSettings":
    from seismic.data.settings import TrainerSettings

    return TrainerSettings.parse(text)


def _hyperparameters(text: str) -> dict[str, Any]:
    # The names and ranges belong to the classifiers; imported late, for this module must stay light.
    from seismic.learning import classifiers

    values = variables.json_object(text, '{"C": 1.0}')
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
    "REGISTER": variables.flag,  # first, as it decides what is needed
    "MLFLOW_TRACKING_URI": variables.address("http://mlflow:5000"),
    "MLFLOW_EXPERIMENT_NAME": str,
    "MODEL_NAME": variables.model_name,
    "GATE": _gate,
    "GATE_UNCOMPARED": variables.one_of(REFUSE, FLOORS),
    "CHAMPION_VERSION": variables.version,
    "CHAMPION_SHA256": variables.sha256,
    "CHAMPION_FILES_SHA256": variables.sha256,
    "DATA_DIR": variables.folder,
    "ENVIRONMENT": str,
    "RELEASE_REF": str,
    "GIT_COMMIT": str,
    "GIT_DIRTY": variables.flag,
    "IMAGE": str,
    "RUN_TOKEN": str,
    "SEED": variables.whole(0, MAX_SEED),
    "TRIALS": variables.whole(1, 10_000),
    "TIME_BUDGET": variables.seconds,
    "HYPERPARAMETERS": _hyperparameters,
    "TRAINER_SETTINGS": _trainer_settings,
    "LOG_LEVEL": variables.one_of(*LOG_LEVELS),
    "THREADS": variables.whole(1, 1024),
    "MLFLOW_RETRY_SECONDS": variables.seconds,
    "RUN_TRIGGER": variables.short(LONGEST_TRIGGER),
    "SUMMARY_URL": variables.address("http://ollama:11434"),
    "SUMMARY_MODEL": variables.ollama_model,
    "SUMMARY_TIMEOUT": variables.seconds,
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
    for chatty in ("mlflow", "optuna", "matplotlib", "urllib3", "git", "PIL", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def progress(stage: str, done: int, total: int, note: str = "") -> None:
    """Write one progress line to standard error; `stage` is one of PROGRESS_STAGES or OPTIONAL_STAGES."""
    stages = PROGRESS_STAGES + OPTIONAL_STAGES
    if stage not in stages:
        raise ValueError(f"stage: got {stage!r}; allowed: {', '.join(stages)}")
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
