"""SIGTERM ends a wait of the main thread, whichever thread gets the signal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KIT = Path(__file__).parents[2]
# In both cases, another thread gets the signal, so it does not wake the main thread.
WAITING = """
import signal, sys, threading, time
from concurrent.futures import Future
from queue import SimpleQueue
from kit.contract import protocol, termination

def terminate():
    time.sleep(0.3)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

termination.terminate_on_sigterm()
if "insist" in sys.argv:
    termination.insist_on_sigterm()
threading.Thread(target=terminate, daemon=True).start()
began = time.monotonic()
try:
    {wait}
except protocol.Terminated:
    print("terminated", end=" ")
except Exception as error:
    print(type(error).__name__, end=" ")
print("late" if time.monotonic() - began > 3 else "soon")
"""
WAITS = {
    "queue": "SimpleQueue().get(timeout=4)",
    "future": "Future().result(timeout=4)",
    "event": "threading.Event().wait(4)",
}


def told(wait: str, *arguments: str) -> str:
    command = [sys.executable, "-c", WAITING.format(wait=WAITS[wait]), *arguments]
    environment = os.environ | {"PYTHONPATH": str(KIT)}
    return subprocess.run(
        command, env=environment, check=False, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize("wait", WAITS)
def test_a_signal_that_another_thread_receives_ends_the_wait(wait):
    assert told(wait, "insist") == "terminated soon"


def test_without_the_repetition_it_would_not():
    # Otherwise the test above would prove nothing.
    assert told("queue") != "terminated soon"
