"""`python -m seismic.training.champion FOLDER SHA256 FILES_SHA256 TRACES ANSWER`: a champion's predictions.

This is its own program, so a champion that hangs or dies does not harm the training. This release's code
loads the model. If it computes other features than the model was trained with, no comparison is possible.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np

from kit.contract.protocol import EXPECTATIONS
from kit.registry.model_files import ModelFiles
from seismic.model_code import MODEL_CODE

# A batch and its intermediate results take some tens of MB, for any number of held-out traces.
BATCH = 2048
# The deployment compares served answers with expected ones in the same way.
TOLERANCE = 1e-6

log = logging.getLogger("gate")


def predict(folder: Path, sha256: str, files_sha256: str, traces: Path, answer: Path) -> None:
    """Write `probabilities` (n, k) float64 and `classes` (k,) of str, in the order of the columns.

    Parameters
    ----------
    folder : has a version's files, and the answers that it must give, if these are known.
    sha256, files_sha256 : hashes of model and files. The hash of the files may be empty.
    traces : .npy file, (n, n_samples) float32.
    answer : .npz file, complete when the program ends with 0.

    Raises
    ------
    model_files.ModelUnusable
    ValueError
        if the model takes other traces, or does not give the expected answers.
    """
    model = ModelFiles.read(folder).load(sha256, files_sha256, MODEL_CODE.trusted)
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
    """Raise ValueError if a model gives other answers than when it was registered."""
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
