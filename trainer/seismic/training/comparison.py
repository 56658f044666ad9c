"""The champion's figures on the candidate's hold-out, from a process beside the training.

The champion is the version that the deployment names, so nobody opens the gate by moving an alias. Its
figures are never stored, because it was judged on another hold-out, perhaps of another survey.
"""

import logging
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from mlflow.exceptions import MlflowException

from kit.judging import classification
from kit.judging.gate import REFUSE, Champion, Verdict, figures_of, judge
from kit.registry.model_files import ModelUnusable
from kit.registry.names import HASH_TAG
from kit.registry.versions import Champion as Serving
from kit.registry.versions import Versions
from seismic.data.survey import Survey
from seismic.learning.splits import Split
from seismic.training.fitting import Trained
from seismic.training.settings import Settings

PROGRAM = ("-m", "seismic.training.champion")
ROOT = Path(__file__).parents[2]
# The time after the training. Beside the training, the champion already had time and a processor.
PATIENCE_SECONDS = 300.0
LONGEST_REASON = 300
REMEDY = (
    "bring it back (restore MLflow's backup, or go back to a release whose version is there), or let "
    "the floors alone judge: gate.uncompared: floors"
)
LOG, ANSWER = "log", "answer.npz"

# The champion runs beside the fits, which have a processor each. Its figures must not depend on their number.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

log = logging.getLogger("gate")


class Comparison:
    """One run's comparison with the champion. The end of the `with` block ends a process that still runs.

    There is no comparison without a `GATE` that bounds a regression, or without a champion.
    """

    def __init__(self, settings: Settings, versions: Versions):
        self._gate = settings.gate
        self._uncompared = settings.gate_uncompared
        self._versions = versions
        self._serving: Serving | None = None
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

    def start(self, survey: Survey, split: Split) -> None:
        """Let the champion predict the held-out traces, in the background.

        Raises
        ------
        connection.Unreachable
        """
        if self._gate is None or not self._gate.regression:
            return
        serving = self._serving = self._versions.champion()
        if serving is None:
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
        traces = self._folder / "traces.npy"
        write_traces(survey, split.hold_out, traces)
        with (self._folder / LOG).open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, *PROGRAM, self._folder, serving.sha256, serving.files_sha256, traces,
                 self._folder / ANSWER],
                cwd=ROOT, env=os.environ | ONE_THREAD, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output,
            )  # fmt: skip

    def verdict(self, trained: Trained) -> Verdict:
        """Judge the candidate, when the champion is done or its time is over."""
        champion, others = None, []
        try:
            champion, note = self._champion(trained)
        except NotScored as error:
            note = f"the champion (version {self._serving.version}) cannot be scored: {error}"
            if self._uncompared == REFUSE:
                others.append(f"{note}; {REMEDY}")
            else:
                log.warning("only the floors count, for %s", note)
        verdict = judge(self._gate, trained.figures(), champion, note, others)
        for reason in verdict.reasons:
            log.warning("%s: %s", verdict.state, reason)
        if champion is not None:
            macro_f1 = champion.figures["macroF1"]
            log.info("the champion (version %s): macro F1 %.3f", champion.version, macro_f1)
        return verdict

    def _champion(self, trained: Trained) -> tuple[Champion | None, str]:
        if self._gate is None:
            return None, "there is no gate"
        if not self._gate.regression:
            return None, "the gate bounds no regression"
        if self._serving is None:
            return None, "there is no champion yet"
        number = self._serving.version
        if self._serving.sha256 == trained.sha256:
            return None, f"the candidate is the champion (version {number}) itself"
        metrics = self._scores(trained.labels).as_result()
        return Champion(number, figures_of(metrics), metrics), ""

    def _scores(self, labels: np.ndarray) -> classification.Scores:
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
            return score(labels, answer["probabilities"], answer["classes"])


class NotScored(Exception):
    """The champion has no figures; the message has the reason."""


def write_traces(survey: Survey, rows: np.ndarray, path: Path) -> None:
    """Stream traces of a survey into a .npy file, float32 (n, n_samples)."""
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows.size, survey.n_samples))
    start = 0
    for part, traces in survey.chunks(where=rows):
        out[start : start + part.size] = traces
        start += part.size
    out.flush()


def score(labels: np.ndarray, probabilities: np.ndarray, classes: np.ndarray) -> classification.Scores:
    """The champion's figures. `classes` (k,) are its own classes, in the order of the columns of (n, k).

    Raises
    ------
    NotScored
        if it does not know some labels.
    """
    names = np.unique(labels).tolist()
    if unknown := sorted(set(names) - set(classes.tolist())):
        raise NotScored(f"it does not know the class {' and the class '.join(unknown)}")
    order = np.argsort(classes)
    return classification.score(labels, probabilities[:, order], tuple(classes[order].tolist()), tuple(names))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_REASON]
