"""What MLflow's side of a training run has to know of the run's settings."""

from typing import Protocol


class RegistrySettings(Protocol):
    """Some of `seismic.training.settings.Settings`, which describes them."""

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
