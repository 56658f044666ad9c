"""`python -I champion.py MODEL TRACES ANSWER`: what a registered model predicts for held-out traces.

A program of its own, since the model brings the code that it was made with: this release's `seismic` may
compute other features. Isolated mode keeps it away, so nothing of the package is imported here.
"""

import sys
from pathlib import Path

import mlflow.pyfunc
import numpy as np

# A batch and what becomes of it on the way take some tens of MB, however many traces are held out.
BATCH = 2048


def predict(model: Path, traces: Path, answer: Path) -> None:
    """Write `probabilities` (n, k) float64 and `classes` (k,) of str, in the order of the columns.

    Parameters
    ----------
    model : folder with an `MLmodel`; its classifier must have `predict_proba` and `classes_`.
    traces : .npy file, (n, n_samples) float32.
    answer : .npz file, complete when the program ends with 0.

    Raises
    ------
    Exception
        of any kind when the model does not load or predict, as it is foreign code.
    """
    raw = mlflow.pyfunc.load_model(str(model), suppress_warnings=True).get_raw_model()
    classes = np.array([str(name) for name in raw.classes_])
    held = np.load(traces, mmap_mode="r")
    probabilities = np.empty((len(held), len(classes)))
    for start in range(0, len(held), BATCH):
        probabilities[start : start + BATCH] = raw.predict_proba(np.array(held[start : start + BATCH]))
    if not np.isfinite(probabilities).all():
        raise ValueError("it predicts probabilities that are not finite")
    np.savez(answer, probabilities=probabilities, classes=classes)


if __name__ == "__main__":
    predict(*map(Path, sys.argv[1:]))
