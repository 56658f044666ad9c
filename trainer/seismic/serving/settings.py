"""The service's settings, read once from the environment; every problem is reported in one message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from seismic.data.settings import TrainerSettings
from seismic.server.errors import ConfigError

from .reading import Reader, log_level, matching, whole

MIB = 1024 * 1024
BOOLEANS = {"true": True, "false": False}
# PORT's default, also what the image's health check asks.
PORT = 8000


@dataclass(frozen=True)
class Settings:
    """What the service is told. Bytes, seconds and counts are plain numbers."""

    tracking_uri: str
    model_name: str
    model_version: int
    model_sha256: str
    environment: str
    model_files_sha256: str = ""
    # A folder that outlives the task; empty: nothing is kept.
    model_cache: str = ""
    release_ref: str = ""
    git_commit: str = ""
    git_dirty: bool = False
    image: str = ""
    log_level: str = "INFO"
    port: int = PORT
    # Also listened on, for who collects metrics: generations of a replica alternate between ports.
    metrics_port: int | None = None
    reload: bool = False
    max_body_bytes: int = 64 * MIB
    max_batch: int = 10_000
    drain_seconds: float = 3.0
    drift: bool = True
    drift_period: float = 10.0
    # MLflow may be starting at the same time as the service; it takes 10 s.
    mlflow_retry_seconds: float = 30.0
    trainer_settings: TrainerSettings = field(default_factory=TrainerSettings)

    @property
    def ports(self) -> list[int]:
        """Where the service listens, the main port first."""
        return [self.port] if self.metrics_port is None else [self.port, self.metrics_port]

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings; an empty value counts as not given.

        Raises
        ------
        ConfigError : with one line a problem: the variable, what was given, what is allowed.
        """
        reader = Reader(env)
        settings = {
            "tracking_uri": reader.need(
                "MLFLOW_TRACKING_URI", matching(r"\S+", "a URI such as http://mlflow:5000")
            ),
            "model_name": reader.need("MODEL_NAME", matching(r"[\w.\- ]+", "a registered model's name")),
            "model_version": reader.need("MODEL_VERSION", whole(1)),
            "model_sha256": reader.need("MODEL_SHA256", matching(r"[0-9a-f]{64}", "64 hex digits")),
            "model_files_sha256": reader.take(
                "MODEL_FILES_SHA256", matching(r"[0-9a-f]{64}", "64 hex digits")
            ),
            "model_cache": reader.take("MODEL_CACHE", matching(r"/.*", "an absolute path")),
            "environment": reader.need("ENVIRONMENT", str),
            "release_ref": reader.take("RELEASE_REF", str),
            "git_commit": reader.take("GIT_COMMIT", matching(r"[0-9a-f]{7,64}", "a commit's hash")),
            "git_dirty": reader.take("GIT_DIRTY", _boolean),
            "image": reader.take("IMAGE", matching(r"\S+", "an image's name")),
            "log_level": reader.take("LOG_LEVEL", log_level),
            "port": reader.take("PORT", whole(1, 65_535)),
            "metrics_port": reader.take("METRICS_PORT", whole(1, 65_535)),
            "reload": reader.take("RELOAD", _boolean),
            "max_body_bytes": reader.take("MAX_BODY_BYTES", whole(1024)),
            "max_batch": reader.take("MAX_BATCH", whole(1)),
            "drain_seconds": reader.take("DRAIN_SECONDS", _seconds),
            "drift": reader.take("DRIFT", _boolean),
            "drift_period": reader.take("DRIFT_PERIOD", _period),
            "mlflow_retry_seconds": reader.take("MLFLOW_RETRY_SECONDS", _seconds),
            "trainer_settings": reader.trainer_settings(),
        }
        # One process a replica: metrics, drain and memory limits mean what they say. Replicas scale.
        reader.take("WORKERS", whole(1, 1, "1: a replica is one process; add replicas instead"))
        if settings["metrics_port"] is not None and settings["metrics_port"] == (settings["port"] or PORT):
            reader.problems.append(
                f"METRICS_PORT: got '{settings['metrics_port']}'; expected another port than PORT"
            )
        if reader.problems:
            raise ConfigError("\n".join(reader.problems))
        return cls(**{name: value for name, value in settings.items() if value is not None})


def _boolean(given: str) -> bool:
    if given not in BOOLEANS:
        raise ValueError("true or false")
    return BOOLEANS[given]


def _seconds(given: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", given):
        raise ValueError("seconds from 0 to 999")
    return float(given)


def _period(given: str) -> float:
    seconds = float(given) if re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?", given) else 0.0
    if not 0.1 <= seconds <= 3600:
        raise ValueError("seconds from 0.1 to 3600")
    return seconds
