"""The status service's environment variables."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.contract import variables
from kit.contract.environment import FromEnvironment, needed, optional
from kit.contract.variables import matching
from kit.registry import login

HIGHEST_PORT = 65_535
LINKS_EXPECTED = 'a JSON object of ports and addresses, such as {"MLflow": 5000, "Docs": "https://host/docs"}'


def _links(given: str) -> dict[str, int | str]:
    problem = ValueError(f"got {given!r}; expected {LINKS_EXPECTED}")
    try:
        links = json.loads(given)
    except json.JSONDecodeError:
        raise problem from None
    if not isinstance(links, dict) or not all(map(_is_link, links.values())):
        raise problem
    return links


def _is_link(target: object) -> bool:
    if isinstance(target, str):
        # A link with another scheme, such as javascript:, would run as the page's own code.
        return variables.is_address(target)
    return isinstance(target, int) and not isinstance(target, bool) and 1 <= target <= HIGHEST_PORT


@dataclass(frozen=True, kw_only=True)
class Settings(FromEnvironment):
    """The service's settings. `training_timeout` is in seconds. Without mounted data, `data_dir` is None.

    `links` has addresses by name, or ports of the host that the page is asked from.
    """

    mlflow_uri: str = needed(
        "MLFLOW_TRACKING_URI", variables.address("http://mlflow:5000"),
        "the address of this environment's MLflow, such as http://mlflow:5000",
    )  # fmt: skip
    tracking_username: str = optional(login.USERNAME, str, "")
    tracking_password: str = optional(login.PASSWORD, str, "")
    experiment_name: str = needed(
        "MLFLOW_EXPERIMENT_NAME", str, "the experiment that has the runs, such as seismic-dev"
    )
    model_name: str = needed(
        "MODEL_NAME", variables.model_name, "the registered model's name, such as SeismicClassifier"
    )
    environment: str = needed("ENVIRONMENT", str, "the environment's name, such as dev")
    stack: str = needed("STACK", str, "the stack's full name, such as organization/seismic-mlops/dev")
    data_dir: Path | None = optional("DATA_DIR", Path, None)
    serving_host: str = optional("SERVING_HOST", matching(r"[\w.\-]+", "a host's name"), "serving")
    serving_port: int = optional("SERVING_METRICS_PORT", variables.port, 8002)
    links: Mapping[str, int | str] = optional("LINKS", _links, factory=dict)
    training_timeout: int = optional("TRAINING_TIMEOUT", variables.training_timeout, 1200)
    # The usual bound of a PSI. A stack with another bound in its alerts sets it here.
    drift_threshold: float = optional("DRIFT_THRESHOLD", variables.decimal(0, 999, "a score"), 0.2)
    port: int = optional("PORT", variables.port, 8000)
    log_level: str = optional("LOG_LEVEL", variables.log_level, "INFO")
    # A trainer that has settings of its own declares this field again, with its own type.
    trainer_settings: Any = optional(variables.TRAINER_SETTINGS, variables.no_settings, None)

    @classmethod
    def conflicts(cls, values: Mapping[str, Any]) -> Iterator[str]:
        """A login is whole."""
        yield from login.half_given(values)
