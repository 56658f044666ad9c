"""Whether a trainer would accept its variables.

This is a program of its own, because to check hyperparameters may need 170 MB of imports, which the service
should not keep. Standard output has the settings that the service needs, as JSON; with exit code 2 it has the
problems.
"""

import json
from collections.abc import Mapping
from typing import Protocol, Self

from kit.contract import protocol


class RunSettings(Protocol):
    """The part of a trainer's settings that the service needs too."""

    mlflow_tracking_uri: str
    mlflow_experiment_name: str
    model_name: str
    log_level: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Parse strictly. Raises `protocol.ConfigurationError` with every problem, one a line."""


def check(settings: type[RunSettings], environment: Mapping[str, str]) -> int:
    """Check the variables by the trainer's class of settings, and return the exit code."""
    try:
        given = settings.from_environment(environment)
    except protocol.ConfigurationError as error:
        print(error)
        return protocol.BAD_CONFIGURATION
    told = {
        "tracking_uri": given.mlflow_tracking_uri,
        "experiment_name": given.mlflow_experiment_name,
        "model_name": given.model_name,
        "log_level": given.log_level,
    }
    print(json.dumps(told))
    return protocol.OK
