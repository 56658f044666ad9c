"""The service's environment variables. docs/serving.md describes them in prose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kit.contract import variables
from kit.contract.environment import FromEnvironment, needed, optional
from kit.contract.variables import matching, whole
from kit.registry import login

MIB = 1024 * 1024
# PORT's default, which the image's health check also uses.
PORT = 8000


@dataclass(frozen=True, kw_only=True)
class Settings(FromEnvironment):
    """The service's settings. Bytes, seconds and counts are plain numbers."""

    tracking_uri: str = needed(
        "MLFLOW_TRACKING_URI", matching(r"\S+", "a URI such as http://mlflow:5000"),
        "the address of this environment's MLflow, such as http://mlflow:5000",
    )  # fmt: skip
    tracking_username: str = optional(login.USERNAME, str, "")
    tracking_password: str = optional(login.PASSWORD, str, "")
    model_name: str = needed(
        "MODEL_NAME", variables.model_name, "the registered model's name, such as SeismicClassifier"
    )
    model_version: int = needed("MODEL_VERSION", whole(1), "the version to load, such as 3")
    model_sha256: str = needed("MODEL_SHA256", variables.sha256, "the hash that the version must have")
    model_files_sha256: str = optional("MODEL_FILES_SHA256", variables.sha256, "")
    # A folder that outlives the task. Empty means that nothing is kept.
    model_cache: str = optional("MODEL_CACHE", matching(r"/.*", "an absolute path"), "")
    environment: str = needed("ENVIRONMENT", str, "the environment's name, such as dev")
    release_ref: str = optional("RELEASE_REF", str, "")
    git_commit: str = optional("GIT_COMMIT", matching(r"[0-9a-f]{7,64}", "a commit's hash"), "")
    git_dirty: bool = optional("GIT_DIRTY", variables.flag, False)
    image: str = optional("IMAGE", matching(r"\S+", "an image's name"), "")
    log_level: str = optional("LOG_LEVEL", variables.log_level, "INFO")
    port: int = optional("PORT", variables.port, PORT)
    # A second port, for collectors of metrics, because generations of a replica alternate between ports.
    metrics_port: int | None = optional("METRICS_PORT", variables.port, None)
    reload: bool = optional("RELOAD", variables.flag, False)
    max_body_bytes: int = optional("MAX_BODY_BYTES", whole(1024), 64 * MIB)
    max_batch: int = optional("MAX_BATCH", whole(1), 10_000)
    drain_seconds: float = optional("DRAIN_SECONDS", variables.decimal(0, 999, "seconds"), 3.0)
    drift: bool = optional("DRIFT", variables.flag, True)
    drift_period: float = optional("DRIFT_PERIOD", variables.decimal(0.1, 3600, "seconds"), 10.0)
    # MLflow may start at the same time as the service, and takes 10 s.
    mlflow_retry_seconds: float = optional("MLFLOW_RETRY_SECONDS", variables.decimal(0, 999, "seconds"), 30.0)
    # A trainer that has settings of its own declares this field again, with its own type.
    trainer_settings: Any = optional(variables.TRAINER_SETTINGS, variables.no_settings, None)
    # A replica is one process, so that metrics, drain and memory limits are exact. Use more replicas instead.
    workers: int = optional("WORKERS", whole(1, 1, "1: a replica is one process; add replicas instead"), 1)

    @property
    def ports(self) -> list[int]:
        """The service's ports, the main port first."""
        return [self.port] if self.metrics_port is None else [self.port, self.metrics_port]

    @classmethod
    def conflicts(cls, values: Mapping[str, Any]) -> Iterator[str]:
        """The two ports differ, and a login is whole."""
        yield from login.half_given(values)
        if values.get("metrics_port") == values.get("port", PORT):
            yield f"METRICS_PORT: got '{values['metrics_port']}'; expected another port than PORT"
