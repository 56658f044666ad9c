"""Fetches the figures of the training data beside the model, without holding it up."""

import logging
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from mlflow import MlflowClient

from seismic.drift.reference import DRIFT_REFERENCE, Reference

log = logging.getLogger("seismic.serving")

# What it may take longer than the model, which is fetched and loaded meanwhile.
PATIENCE_SECONDS = 3.0


class ReferenceLoading:
    """One attempt to read the reference of a run, in a thread that begins at once.

    MLflow's retries could take half a minute, which a service without this comparison need not wait for.
    """

    def __init__(self, client: MlflowClient, run_id: str) -> None:
        self._run_id = run_id
        self._text: bytes | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._fetch, args=(client,), name="reference", daemon=True)
        self._thread.start()

    def result(self, names: Sequence[str], patience: float = PATIENCE_SECONDS) -> Reference | None:
        """The reference of these features; None, and a warning in the log, if there is none to be had."""
        text = self.text(patience)
        return None if text is None else reference_of(text, names)

    def text(self, patience: float = PATIENCE_SECONDS) -> bytes | None:
        """What the run has; None, and a warning in the log, if it has none or MLflow does not give it."""
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
    """The reference of these features; None, and a warning in the log, if the text is none."""
    try:
        reference = Reference.from_json(text)
        if (found := list(reference.sketches)) != (expected := [str(name) for name in names]):
            raise ValueError(f"it is of {len(found)} other features than the model's {len(expected)}")
    # Nested too deeply, not in UTF-8: whatever it is, the model serves all the same.
    except Exception as error:
        _warn("", error)
        return None
    return reference


def _warn(of: str, error: Exception) -> None:
    reason = str(error).strip().partition("\n")[0][:300] or type(error).__name__
    log.warning("no comparison with the training data: %s %s%s", DRIFT_REFERENCE, of, reason)
