"""SIGTERM as an exception of the main thread, also while that thread waits."""

import os
import signal
import threading
import time
from types import FrameType

from seismic.contract.protocol import Terminated

REPEAT_SECONDS = 0.2


def terminate_on_sigterm() -> None:
    """Raise `Terminated` in the main thread at the first SIGTERM; later ones are ignored.

    To be called in the main thread, as early as possible: process 1 of a container does not hear a signal
    for which it has no handler.
    """
    signal.signal(signal.SIGTERM, _terminate)


def insist_on_sigterm() -> None:
    """Repeat a SIGTERM until its handler has run. For a process that is ours alone, once.

    Python runs the handler between two steps of the main thread. A signal that arrives when the main thread
    is about to wait for a lock, or that another thread receives, does not end the wait (`signal`, "Execution
    of Python signal handlers"); a signal that the waiting main thread receives does.
    """
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    threading.Thread(target=_repeat, args=(read,), name="termination", daemon=True).start()


def _terminate(number: int, frame: FrameType | None) -> None:
    # A second signal must not interrupt the orderly end.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


def _repeat(read: int) -> None:
    while signal.SIGTERM not in os.read(read, 1):
        pass
    while signal.getsignal(signal.SIGTERM) is _terminate:
        time.sleep(REPEAT_SECONDS)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)
