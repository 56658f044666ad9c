"""The service's settings: its own variables, and the trainer's, which it hands on."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from seismic.contract import protocol as contract
from seismic.contract import variables
from seismic.retraining.schedule import parse_expression, parse_timezone

YEAR_SECONDS = 365 * 24 * 3600
WEEK_SECONDS = 7 * 24 * 3600
LONGEST_ALERT_NAME = 100
CHECK = (sys.executable, "-m", "seismic.retraining.check")
# Stands for the token that each run gets of its own.
PLACEHOLDER = "retraining"


@dataclass(frozen=True)
class Settings:
    """What the service is told; `cooldown` and `training_timeout` in seconds, no `schedule` if empty."""

    tracking_uri: str
    experiment_name: str
    model_name: str
    log_level: str = "INFO"
    alerts: tuple[str, ...] = ("SeismicDrift",)
    cooldown: int = 21_600
    schedule: str = ""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    training_timeout: int = 1200
    port: int = 8000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Parse strictly, the trainer's variables too; an empty value counts as not given.

        Raises
        ------
        contract.ConfigurationError
            with every problem in one message, one a line, variable name first.
        """
        problems: list[str] = []
        values: dict[str, Any] = {}
        for variable, (name, parse) in _PARSERS.items():
            if text := environment.get(variable, "").strip():
                try:
                    values[name] = parse(text)
                except ValueError as problem:
                    problems.append(f"{variable}: {problem}")
        given = {**environment, "RUN_TOKEN": PLACEHOLDER}
        if given.get("REGISTER", "").strip() == "false":
            problems.append("REGISTER: got 'false'; a retraining registers its model: leave it out")
            del given["REGISTER"]
        try:
            values |= _trainer_settings(given)
        except contract.ConfigurationError as error:
            problems = [*str(error).splitlines(), *problems]
        if problems:
            raise contract.ConfigurationError("\n".join(problems))
        return cls(**values)


def _trainer_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What the service needs of the trainer's settings, after the trainer's own check of all of them."""
    done = subprocess.run(
        CHECK, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode == contract.BAD_CONFIGURATION:
        raise contract.ConfigurationError(done.stdout.strip())
    done.check_returncode()
    return json.loads(done.stdout)


def _alert_names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(name and len(name) <= LONGEST_ALERT_NAME and name.isprintable() for name in names):
        raise ValueError(f"got {text!r}; expected names of alerts with commas between, such as SeismicDrift")
    return names


_PARSERS = {
    "RETRAIN_ALERTS": ("alerts", _alert_names),
    "RETRAIN_COOLDOWN": ("cooldown", variables.whole(0, YEAR_SECONDS)),
    "RETRAIN_SCHEDULE": ("schedule", parse_expression),
    "RETRAIN_TIMEZONE": ("timezone", parse_timezone),
    "TRAINING_TIMEOUT": ("training_timeout", variables.whole(1, WEEK_SECONDS)),
    "PORT": ("port", variables.whole(1, 65_535)),
}
