"""The status service's settings, read once from the environment; every problem is in one message."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from seismic.data.settings import TrainerSettings
from seismic.server.errors import ConfigError
from seismic.serving.reading import Reader, log_level, matching, whole
from seismic.serving.settings import PORT

HIGHEST_PORT = 65_535
WEEK_SECONDS = 7 * 24 * 3600
LINKS_EXPECTED = 'a JSON object of ports and addresses, such as {"MLflow": 5000, "Docs": "https://host/docs"}'


@dataclass(frozen=True)
class Settings:
    """What the service is told. `training_timeout` is in seconds; `data_dir` None: no survey is mounted.

    `links` has, by name, an address, or the port of something on the host that the page is asked from.
    """

    mlflow_uri: str
    experiment_name: str
    model_name: str
    environment: str
    stack: str
    data_dir: Path | None = None
    serving_host: str = "serving"
    serving_port: int = 8002
    links: Mapping[str, int | str] = field(default_factory=dict)
    training_timeout: int = 1200
    # The usual bound of a PSI; where alerts have another, they say which.
    drift_threshold: float = 0.2
    port: int = PORT
    log_level: str = "INFO"
    trainer_settings: TrainerSettings = field(default_factory=TrainerSettings)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings; an empty value counts as not given.

        Raises
        ------
        ConfigError : with one line a problem: the variable, what was given, what is allowed.
        """
        reader = Reader(env)
        settings = {
            "mlflow_uri": reader.need("MLFLOW_TRACKING_URI", _address),
            "experiment_name": reader.need("MLFLOW_EXPERIMENT_NAME", str),
            "model_name": reader.need("MODEL_NAME", matching(r"[\w.\- ]+", "a registered model's name")),
            "environment": reader.need("ENVIRONMENT", str),
            "stack": reader.need("STACK", str),
            "data_dir": reader.take("DATA_DIR", Path),
            "serving_host": reader.take("SERVING_HOST", matching(r"[\w.\-]+", "a host's name")),
            "serving_port": reader.take("SERVING_METRICS_PORT", whole(1, HIGHEST_PORT)),
            "links": reader.take("LINKS", _links),
            "training_timeout": reader.take("TRAINING_TIMEOUT", whole(1, WEEK_SECONDS)),
            "drift_threshold": reader.take("DRIFT_THRESHOLD", _score),
            "port": reader.take("PORT", whole(1, HIGHEST_PORT)),
            "log_level": reader.take("LOG_LEVEL", log_level),
            "trainer_settings": reader.trainer_settings(),
        }
        if reader.problems:
            raise ConfigError("\n".join(reader.problems))
        return cls(**{name: value for name, value in settings.items() if value is not None})


def _score(given: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", given):
        raise ValueError("a score such as 0.25")
    return float(given)


def _address(given: str) -> str:
    if not _is_http(given):
        raise ValueError("an address such as http://mlflow:5000")
    return given.rstrip("/")


def _links(given: str) -> dict[str, int | str]:
    try:
        links = json.loads(given)
    except json.JSONDecodeError:
        raise ValueError(LINKS_EXPECTED) from None
    if not isinstance(links, dict) or not all(map(_is_link, links.values())):
        raise ValueError(LINKS_EXPECTED)
    return links


def _is_link(target: object) -> bool:
    if isinstance(target, str):
        # A link with another scheme, such as javascript:, would run as the page's own code.
        return _is_http(target)
    return isinstance(target, int) and not isinstance(target, bool) and 1 <= target <= HIGHEST_PORT


def _is_http(given: str) -> bool:
    if not re.fullmatch(r"https?://\S+", given):
        return False
    try:
        return bool(urlsplit(given).hostname)
    except ValueError:
        return False
