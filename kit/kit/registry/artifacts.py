"""A bounded read of one artifact of a run."""

from pathlib import Path

from mlflow import MlflowClient


def download_artifact(
    client: MlflowClient, run_id: str, name: str, folder: Path, largest: int
) -> Path | None:
    """Download a run's artifact into a folder; None if it has no file of this name, or one of more bytes."""
    sizes = {file.path: file.file_size or 0 for file in client.list_artifacts(run_id)}
    if name not in sizes or sizes[name] > largest:
        return None
    return Path(client.download_artifacts(run_id, name, str(folder)))
