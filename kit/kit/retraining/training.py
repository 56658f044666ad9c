"""One training run at a time, as a child process in the service's own container."""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from kit.contract.protocol import PROGRESS

# The time after SIGTERM, in which the trainer finishes its present fit and tells MLflow.
GRACE_SECONDS = 30.0
# After the end of the process group, nobody writes into the pipes any more.
READ_SECONDS = 5.0
PIECE = 1 << 16
# The result line has about 2 kB. The last lines of the log are enough.
LONGEST_RESULT = 1 << 16
LONGEST_LAST_WORDS = 2000
LAST_LINES = 3

log = logging.getLogger("retraining")


@dataclass(frozen=True)
class Ended:
    """The end of a run. `result` is its result line, `last_words` the end of its log."""

    code: int
    result: dict[str, Any] | None
    last_words: str
    seconds: float
    timed_out: bool
    stopped: bool


class Training:
    """Runs the trainer with the service's environment.

    `run` blocks; `stop` may come from another thread.
    """

    def __init__(self, environment: Mapping[str, str], command: Sequence[str]):
        self._environment = dict(environment)
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._stopped = False

    def run(self, token: str, trigger: str, timeout: float) -> Ended:
        """Train once, for at most the given seconds and GRACE_SECONDS.

        Raises
        ------
        OSError
            if the process cannot be started.
        """
        began = time.monotonic()
        variables = {"RUN_TOKEN": token, "RUN_TRIGGER": trigger}
        with self._lock:
            if self._stopped:
                return Ended(-signal.SIGTERM, None, "", 0.0, False, True)
            # The trainer gets its own session, so that its children can be ended with it.
            process = self._process = subprocess.Popen(
                self._command, env=self._environment | variables, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
        result = _Tail(process.stdout, LONGEST_RESULT)
        errors = _Tail(process.stderr, LONGEST_LAST_WORDS, sys.stderr.buffer)
        timed_out = not _ends(process, timeout)
        if timed_out:
            log.warning("the training is not done after %.0f s: ended", timeout)
            process.terminate()
            _ends(process, GRACE_SECONDS)
        _kill_group(process)
        process.wait()
        with self._lock:
            self._process = None
        return Ended(
            process.returncode,
            _result(result.end()),
            _last_words(errors.end()),
            time.monotonic() - began,
            timed_out,
            self._stopped,
        )

    def stop(self) -> None:
        """End the run, if there is one, and let no other start."""
        with self._lock:
            self._stopped = True
            process = self._process
            if process is None:
                return
            process.terminate()
        killer = threading.Timer(GRACE_SECONDS, _kill_late, (process,))
        killer.daemon = True
        killer.start()


class _Tail:
    """Reads a pipe to its end, keeps the last bytes, and passes everything on."""

    def __init__(self, pipe: IO[bytes], most: int, onward: IO[bytes] | None = None):
        self._pipe = pipe
        self._most = most
        self._onward = onward
        self._kept = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def end(self) -> str:
        """The kept bytes."""
        self._thread.join(READ_SECONDS)
        return self._kept.decode(errors="replace")

    def _read(self) -> None:
        with self._pipe:
            while piece := self._pipe.read1(PIECE):
                self._kept = (self._kept + piece)[-self._most :]
                if self._onward is not None:
                    self._pass_on(piece)

    def _pass_on(self, piece: bytes) -> None:
        try:
            self._onward.write(piece)
            self._onward.flush()
        except (OSError, ValueError):
            # Nobody reads the log. The training goes on, and must not wait for a full pipe.
            self._onward = None


def _ends(process: subprocess.Popen, seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill_late(process: subprocess.Popen) -> None:
    # By now, the number may belong to another process.
    if process.poll() is None:
        log.warning("the training has not ended %.0f s after SIGTERM: killed", GRACE_SECONDS)
        _kill_group(process)


def _kill_group(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _result(output: str) -> dict[str, Any] | None:
    lines = output.strip().splitlines()
    try:
        told = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _last_words(errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip() and not line.startswith(PROGRESS)]
    return " / ".join(lines[-LAST_LINES:])
