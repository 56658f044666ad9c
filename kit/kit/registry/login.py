"""How a service that only reads signs in at MLflow."""

from collections.abc import Iterator, Mapping
from typing import Any

# MLflow's own client reads these two variables by itself.
USERNAME = "MLFLOW_TRACKING_USERNAME"
PASSWORD = "MLFLOW_TRACKING_PASSWORD"


def half_given(values: Mapping[str, Any]) -> Iterator[str]:
    """The problem of a user without a password, or the reverse. `values` has the settings by field."""
    given = [bool(values.get("tracking_username")), bool(values.get("tracking_password"))]
    for name, is_given in zip((USERNAME, PASSWORD), given, strict=True):
        if any(given) and not is_given:
            yield f"{name}: not given; {USERNAME} and {PASSWORD} are given together, or neither"
