"""The settings of a training run that MLflow's side needs."""

from typing import Protocol


class RegistrySettings(Protocol):
    """A part of `seismic.training.settings.Settings`, which describes the fields."""

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
