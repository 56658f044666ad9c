"""`python -m kit.training.champion JOB`: a champion's predictions. JOB is JSON of `predict`'s arguments.

This is its own program, so a champion that hangs or dies does not harm the training. This release's code
loads the model. If it computes other features than the model was trained with, no comparison is possible.
"""

import importlib
import json
import logging
import operator
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kit.contract.protocol import EXPECTATIONS
from kit.registry.kind import outputs_in, predictor_of
from kit.registry.model_files import ModelFiles

# A batch and its intermediate results take some tens of MB, for any number of held-out rows.
BATCH = 2048
# The deployment compares served answers with expected ones in the same way.
TOLERANCE = 1e-6

log = logging.getLogger("gate")


def predict(
    *,
    folder: str,
    sha256: str,
    files_sha256: str,
    rows: str,
    answer: str,
    trusted: Collection[str],
    field: str,
    fields: str,
    from_json: tuple[str, str],
    columns: Sequence[str] = (),
) -> None:
    """Write `predictions` (n, n_outputs) float64 and `classes` (k,) of str, in the order of the columns.

    A regressor has one output, and no classes.

    Parameters
    ----------
    folder : has a version's files, and the answers that it must give, if these are known.
    sha256, files_sha256 : hashes of model and files. The hash of the files may be empty.
    rows : .npy file, (n, n_values) float32.
    answer : .npz file, complete when the program ends with 0.
    trusted : the types that the model may have, see `ModelCode.trusted`.
    field, fields, from_json : the trainer's `RowFormat`; the function by its module and its name in there.
    columns : the names of the values of `rows`, if they have names.

    Raises
    ------
    model_files.ModelUnusable
    ValueError
        if the model takes other rows, or does not give the expected answers.
    """
    model = ModelFiles.read(Path(folder)).load(sha256, files_sha256, frozenset(trusted))
    classes = [str(name) for name in model.classes_] if hasattr(model, "predict_proba") else []
    held = np.load(rows, mmap_mode="r")
    order, outputs = order_of(model, columns), predictor_of(model)
    predictions = np.empty((len(held), len(classes) or 1))
    for start in range(0, len(held), BATCH):
        predictions[start : start + BATCH] = outputs(np.array(held[start : start + BATCH])[:, order])
    if not np.isfinite(predictions).all():
        raise ValueError("it predicts what is not finite")
    module, name = from_json
    read = operator.attrgetter(name)(importlib.import_module(module))
    check_answers(model, classes, Path(folder) / EXPECTATIONS, field, fields, read)
    np.savez(answer, predictions=predictions, classes=np.array(classes, dtype=np.str_))


def order_of(model: Any, columns: Sequence[str]) -> Any:
    """How a model takes the values of rows that have these names: an index of their columns.

    Raises
    ------
    ValueError
        if it was trained with other names. Two columns of one place may mean different things.
    """
    names = [str(name) for name in getattr(model, "feature_names_in_", ())]
    if not names or not columns:
        return slice(None)
    if other := sorted(set(names) ^ set(columns)):
        raise ValueError(f"it takes other columns than the data has: {', '.join(other)}")
    return [columns.index(name) for name in names]


def check_answers(
    model: Any,
    classes: list[str],
    expected: Path,
    field: str,
    fields: str,
    from_json: Callable[[Any, list[Any]], np.ndarray],
) -> None:
    """Raise ValueError if a model gives other answers than when it was registered."""
    if not expected.is_file():
        log.warning("the champion's run has no %s: whether it answers as ever is not known", expected.name)
        return
    for request in json.loads(expected.read_bytes())["requests"]:
        body, answer = request["body"], request["answer"]
        rows = from_json(model, body[fields] if fields in body else [body[field]])
        answers = answer.get("predictions", [answer])
        wanted = [outputs_in(classes, each) for each in answers]
        if not np.allclose(predictor_of(model)(rows), wanted, rtol=0, atol=TOLERANCE):
            raise ValueError(
                "it answers otherwise than when it was registered: this release computes other features"
            )


if __name__ == "__main__":
    predict(**json.loads(sys.argv[1]))
