"""Turns SIGTERM into an exception of the main thread, also while that thread waits."""

import os
import signal
import threading
import time
from types import FrameType

from kit.contract.protocol import Terminated

REPEAT_SECONDS = 0.2


def terminate_on_sigterm() -> None:
    """Raise `Terminated` in the main thread at the first SIGTERM. Later ones are ignored.

    Call this in the main thread, as early as possible: process 1 of a container does not get a signal without
    a handler.
    """
    signal.signal(signal.SIGTERM, _terminate)


def insist_on_sigterm() -> None:
    """Repeat a SIGTERM until its handler has run.

    Call this once, in a process that belongs to this package alone.

    Python runs the handler between two steps of the main thread. The wait of the main thread goes on if the
    signal arrives just before it waits for a lock, or if another thread receives the signal (`signal`,
    "Execution of Python signal handlers"). The wait ends if the waiting main thread receives the signal.
    """
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    threading.Thread(target=_repeat, args=(read,), name="termination", daemon=True).start()


def _terminate(number: int, frame: FrameType | None) -> None:
    # A second signal must not interrupt the end.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


def _repeat(read: int) -> None:
    while signal.SIGTERM not in os.read(read, 1):
        pass
    while signal.getsignal(signal.SIGTERM) is _terminate:
        time.sleep(REPEAT_SECONDS)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)
