"""The service's settings: its own variables, and the trainer's, which it passes on."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from kit.contract import protocol, variables
from kit.contract.environment import FromEnvironment, optional
from kit.contract.variables import whole
from kit.retraining.schedule import parse_expression, parse_timezone

YEAR_SECONDS = 365 * 24 * 3600
LONGEST_ALERT_NAME = 100
# This replaces the token. Each run gets its own token.
PLACEHOLDER = "retraining"


def _alert_names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(name and len(name) <= LONGEST_ALERT_NAME and name.isprintable() for name in names):
        raise ValueError(f"got {text!r}; expected names of alerts with commas between, such as ModelDrift")
    return names


@dataclass(frozen=True, kw_only=True)
class Settings(FromEnvironment):
    """The service's settings.

    `cooldown` and `training_timeout` are in seconds. An empty `schedule` means none.
    """

    # The trainer's own settings, which the trainer's code reads.
    tracking_uri: str
    experiment_name: str
    model_name: str
    log_level: str = "INFO"

    alerts: tuple[str, ...] = optional("RETRAIN_ALERTS", _alert_names, ("ModelDrift",))
    cooldown: int = optional("RETRAIN_COOLDOWN", whole(0, YEAR_SECONDS), 21_600)
    schedule: str = optional("RETRAIN_SCHEDULE", parse_expression, "")
    timezone: ZoneInfo = optional("RETRAIN_TIMEZONE", parse_timezone, factory=lambda: ZoneInfo("UTC"))
    training_timeout: int = optional("TRAINING_TIMEOUT", variables.training_timeout, 1200)
    port: int = optional("PORT", variables.port, 8000)

    @classmethod
    def checked(cls, environment: Mapping[str, str], check: Sequence[str]) -> Self:
        """Parse strictly, the trainer's variables too. An empty value counts as not given.

        Parameters
        ----------
        check : the trainer's program that checks its own variables (`kit.retraining.check`).

        Raises
        ------
        protocol.ConfigurationError
            with every problem in one message, one a line, with the variable's name first.
        """
        values, problems = cls.read(environment)
        given = {**environment, "RUN_TOKEN": PLACEHOLDER}
        if given.get("REGISTER", "").strip() == "false":
            problems.append("REGISTER: got 'false'; a retraining registers its model: leave it out")
            del given["REGISTER"]
        try:
            values |= _trainer_settings(given, check)
        except protocol.ConfigurationError as error:
            problems = [*str(error).splitlines(), *problems]
        if problems:
            raise protocol.ConfigurationError("\n".join(problems))
        return cls(**values)


def _trainer_settings(environment: Mapping[str, str], check: Sequence[str]) -> dict[str, str]:
    """The trainer's settings that the service needs, after the trainer's own check of them all."""
    done = subprocess.run(
        check, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode == protocol.BAD_CONFIGURATION:
        raise protocol.ConfigurationError(done.stdout.strip())
    done.check_returncode()
    return json.loads(done.stdout)
