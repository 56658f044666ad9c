"""Fetches the figures of the training data while the model is loaded, without delaying it."""

import logging
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from mlflow import MlflowClient

from kit.drift.reference import DRIFT_REFERENCE, Reference

log = logging.getLogger("serving")

# The further time that it may take after the model is fetched and loaded.
PATIENCE_SECONDS = 3.0


class ReferenceLoading:
    """One attempt to read the reference of a run, in a thread that begins at once.

    MLflow's retries could take half a minute. A service can start without this comparison, so it need not
    wait.
    """

    def __init__(self, client: MlflowClient, run_id: str) -> None:
        self._run_id = run_id
        self._text: bytes | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._fetch, args=(client,), name="reference", daemon=True)
        self._thread.start()

    def text(self, patience: float = PATIENCE_SECONDS) -> bytes | None:
        """The run's text. If it has none, or MLflow does not give it, None, and a warning in the log."""
        self._thread.join(patience)
        if self._error is None and self._text is None:
            self._error = TimeoutError(f"MLflow did not give it within {patience:.0f} s")
        if self._error is not None:
            _warn(f"of run {self._run_id}: ", self._error)
            return None
        return self._text

    def _fetch(self, client: MlflowClient) -> None:
        try:
            if not self._run_id:
                raise FileNotFoundError("the version names no run")
            with tempfile.TemporaryDirectory(prefix="reference-") as folder:
                path = client.download_artifacts(self._run_id, DRIFT_REFERENCE, folder)
                self._text = Path(path).read_bytes()
        except Exception as error:
            self._error = error


def reference_of(text: bytes, names: Sequence[str]) -> Reference | None:
    """The reference of these features. If the text is no reference, None, and a warning in the log."""
    try:
        reference = Reference.from_json(text)
        if (found := list(reference.sketches)) != (expected := [str(name) for name in names]):
            raise ValueError(f"it is of {len(found)} other features than the model's {len(expected)}")
    # After any error, such as too deep nesting or no UTF-8, the model still serves.
    except Exception as error:
        _warn("", error)
        return None
    return reference


def _warn(of: str, error: Exception) -> None:
    reason = str(error).strip().partition("\n")[0][:300] or type(error).__name__
    log.warning("no comparison with the training data: %s %s%s", DRIFT_REFERENCE, of, reason)
