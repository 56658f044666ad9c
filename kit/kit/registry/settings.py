"""The settings of a training run that MLflow's side needs."""

from typing import Protocol


class RegistrySettings(Protocol):
    """A part of a trainer's own settings. docs/trainer-contract.md describes the variables."""

    mlflow_tracking_uri: str
    mlflow_experiment_name: str
    mlflow_retry_seconds: float
    model_name: str
    environment: str
    git_commit: str
    run_token: str
    champion_version: str
    champion_sha256: str
    champion_files_sha256: str
