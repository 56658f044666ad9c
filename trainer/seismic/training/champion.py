"""`python -m seismic.training.champion FOLDER SHA256 FILES_SHA256 TRACES ANSWER`: what a champion predicts.

A program of its own, so that one that hangs or dies takes nothing with it. The model is loaded by the code
of this release; where that computes other features than the model was made with, there is no comparison.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np

from seismic.contract.protocol import EXPECTATIONS
from seismic.registry.model_files import ModelFiles

# A batch and what becomes of it on the way take some tens of MB, however many traces are held out.
BATCH = 2048
# As the deployment compares what is served with what is expected.
TOLERANCE = 1e-6

log = logging.getLogger("gate")


def predict(folder: Path, sha256: str, files_sha256: str, traces: Path, answer: Path) -> None:
    """Write `probabilities` (n, k) float64 and `classes` (k,) of str, in the order of the columns.

    Parameters
    ----------
    folder : with a version's files, and with what it is expected to answer, if that is known.
    sha256, files_sha256 : hashes of model and files; the latter may be empty.
    traces : .npy file, (n, n_samples) float32.
    answer : .npz file, complete when the program ends with 0.

    Raises
    ------
    model_files.ModelUnusable
    ValueError
        when it takes other traces, or does not predict what it is expected to.
    """
    model = ModelFiles.read(folder).load(sha256, files_sha256)
    classes = np.array([str(name) for name in model.classes_])
    held = np.load(traces, mmap_mode="r")
    probabilities = np.empty((len(held), len(classes)))
    for start in range(0, len(held), BATCH):
        probabilities[start : start + BATCH] = model.predict_proba(np.array(held[start : start + BATCH]))
    if not np.isfinite(probabilities).all():
        raise ValueError("it predicts probabilities that are not finite")
    check_answers(model, classes.tolist(), folder / EXPECTATIONS)
    np.savez(answer, probabilities=probabilities, classes=classes)


def check_answers(model: Any, classes: list[str], expected: Path) -> None:
    """Raise ValueError when a model answers otherwise than it did when it was registered."""
    if not expected.is_file():
        log.warning("the champion's run has no %s: whether it answers as ever is not known", expected.name)
        return
    for request in json.loads(expected.read_bytes())["requests"]:
        body, answer = request["body"], request["answer"]
        traces = body["traces"] if "traces" in body else [body["trace"]]
        answers = answer.get("predictions", [answer])
        wanted = [[each["probabilities"][name] for name in classes] for each in answers]
        found = model.predict_proba(np.array(traces, dtype=np.float32))
        if not np.allclose(found, wanted, rtol=0, atol=TOLERANCE):
            raise ValueError(
                "it answers otherwise than when it was registered: this release computes other features"
            )


if __name__ == "__main__":
    where, *hashes, raw, result = sys.argv[1:]
    predict(Path(where), *hashes, Path(raw), Path(result))
