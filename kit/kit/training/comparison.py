"""The champion's figures on the candidate's hold-out, from a process beside the training.

The champion is the version that the deployment names, so nobody opens the gate by moving an alias. Its
figures are never stored, because it was judged on another hold-out, perhaps of other data.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from mlflow.exceptions import MlflowException

from kit.judging import classification
from kit.judging.comparison import Differences
from kit.judging.differences import aligned
from kit.judging.gate import REFUSE, Champion, Verdict, figures_of, judge
from kit.learning.splits import Split
from kit.registry.model_code import ModelCode
from kit.registry.model_files import ModelUnusable
from kit.registry.names import HASH_TAG
from kit.registry.versions import Champion as Serving
from kit.registry.versions import Versions
from kit.training.checks import check_rows
from kit.training.learner import Learner
from kit.training.settings import Settings
from kit.training.task import Scores, Task
from kit.training.trained import Trained

PROGRAM = ("-m", "kit.training.champion")
# The time after the training. Beside the training, the champion already had time and a processor.
PATIENCE_SECONDS = 300.0
LONGEST_REASON = 300
REMEDY = (
    "bring it back (restore MLflow's backup, or go back to a release whose version is there), or let "
    "the floors alone judge: gate.uncompared: floors"
)
LOG, ANSWER = "log", "answer.npz"
# Of rows that are read at once.
MOST_VALUES = 1 << 22

# The champion runs beside the fits, which have a processor each. Its figures must not depend on their number.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

log = logging.getLogger("gate")


class Comparison:
    """One run's comparison with the champion. The end of the `with` block ends a process that still runs.

    There is no comparison without a `GATE` that bounds a regression, or without a champion.

    Attributes
    ----------
    serving : the champion, once the comparison has started; None if there is none.
    """

    def __init__(self, settings: Settings, versions: Versions, learner: Learner, code: ModelCode):
        self._gate = settings.gate
        self._uncompared = settings.gate_uncompared
        self._versions = versions
        self._learner = learner
        self._code = code
        self.serving: Serving | None = None
        self._process: subprocess.Popen | None = None
        self._folder = Path()
        self._impossible = ""
        self._cleanup = ExitStack()

    def __enter__(self) -> "Comparison":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._cleanup.close()

    def start(self, data: Any, split: Split) -> None:
        """Let the champion predict the held-out rows, in the background.

        Raises
        ------
        connection.Unreachable
        """
        serving = self.serving = self._versions.champion()
        if serving is None or self._gate is None or not self._gate.regression:
            return
        if not serving.sha256:
            self._impossible = f"it has no tag {HASH_TAG}, which says what it is"
            return
        self._folder = Path(self._cleanup.enter_context(tempfile.TemporaryDirectory(prefix="champion-")))
        try:
            self._versions.download(serving.version, self._folder)
        except ModelUnusable as error:
            self._impossible = _one_line(f"it {error}")
            return
        except (MlflowException, OSError) as error:
            self._impossible = _one_line(f"its files cannot be fetched: {error}")
            return
        rows = self._folder / "rows.npy"
        write_rows(data, split.hold_out, rows)
        read = self._learner.rows.from_json
        job = {
            "folder": str(self._folder), "sha256": serving.sha256, "files_sha256": serving.files_sha256,
            "rows": str(rows), "answer": str(self._folder / ANSWER), "trusted": sorted(self._code.trusted),
            "field": self._learner.rows.field, "fields": self._learner.rows.fields,
            "from_json": [read.__module__, read.__qualname__], "columns": self._learner.columns(data),
        }  # fmt: skip
        with (self._folder / LOG).open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, *PROGRAM, json.dumps(job)],
                # The trainer's package and the kit are found from here, as by the run itself.
                cwd=self._code.package.parent, env=os.environ | ONE_THREAD, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output,
            )  # fmt: skip

    def verdict(self, trained: Trained) -> Verdict:
        """Judge the candidate, when the champion is done or its time is over."""
        champion, others, differences = None, [], {}
        try:
            if note := self._not_compared(trained):
                log.info("not compared: %s", note)
            else:
                champion, differences, note = self._compared(trained)
        except NotScored as error:
            note = f"the champion (version {self.serving.version}) cannot be scored: {error}"
            if self._uncompared == REFUSE:
                others.append(f"{note}; {REMEDY}")
            else:
                log.warning("only the floors count, for %s", note)
        verdict = judge(self._gate, trained.figures(), champion, note, others, differences)
        for reason in verdict.reasons:
            log.warning("%s: %s", verdict.state, reason)
        for doubt in (verdict.note, *verdict.unsure) if champion is not None else ():
            if doubt:
                log.info("%s", doubt)
        return verdict

    def _not_compared(self, trained: Trained) -> str:
        """Why no comparison is needed; empty if one is."""
        if self._gate is None:
            return "there is no gate"
        if not self._gate.regression:
            return "the gate bounds no regression"
        if self.serving is None:
            return "there is no champion yet"
        if self.serving.sha256 == trained.sha256:
            return f"the candidate is the champion (version {self.serving.version}) itself"
        return ""

    def _compared(self, trained: Trained) -> tuple[Champion, Differences, str]:
        """The champion with its figures, the differences, and the classes that only one of the two knows."""
        predictions, classes = self._answer()
        task = self._learner.task
        metrics = score(task, trained.targets, predictions, classes).as_result()
        champion = Champion(self.serving.version, figures_of(metrics), metrics)
        log.info("the champion (version %s): %s %.3f", champion.version, task.word, metrics[task.figure])
        note = classification.other_classes(champion.version, classes, task.classes(trained.targets))
        return champion, task.differences(trained, predictions, classes), note

    def _answer(self) -> tuple[np.ndarray, tuple[str, ...]]:
        """The champion's predictions, and its classes in the order of the columns."""
        if self._process is None:
            raise NotScored(self._impossible)
        try:
            code = self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise NotScored(f"not done {PATIENCE_SECONDS:.0f} s after the training") from error
        if code != 0:
            lines = (self._folder / LOG).read_text(errors="replace").strip().splitlines()
            last = lines[-1] if lines and code > 0 else f"its process ended with {code}"
            raise NotScored(_one_line(last))
        with np.load(self._folder / ANSWER) as answer:
            return answer["predictions"], tuple(answer["classes"].tolist())


class NotScored(Exception):
    """The champion has no figures; the message has the reason."""


def write_rows(data: Any, where: np.ndarray, path: Path) -> None:
    """Write rows of the data into a .npy file, float32 (len(where), n_values), a bounded part at a time."""
    first = data.rows(where[:1])
    check_rows(first, 1)
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(where.size, first.shape[1]))
    size = max(1, MOST_VALUES // first.shape[1])
    for start in range(0, where.size, size):
        part = where[start : start + size]
        rows = data.rows(part)
        check_rows(rows, part.size)
        out[start : start + size] = rows
    out.flush()


def score(task: Task, targets: np.ndarray, predictions: np.ndarray, classes: tuple[str, ...]) -> Scores:
    """The champion's figures. `classes` are its own, in the order of the columns of (n, k).

    A class of the targets that it does not know has the probability 0, so all predictions for it are wrong.

    Raises
    ------
    NotScored
        if it is a model of another kind.
    """
    names = task.classes(targets)
    if bool(names) != bool(classes):
        raise NotScored(f"it is a {'regressor' if names else 'classifier'}, and the candidate is not")
    if not names:
        return task.score(targets, predictions, ())
    every = tuple(sorted({*classes, *names}))
    return classification.score(targets, aligned(predictions, classes, every), every, names)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_REASON]
