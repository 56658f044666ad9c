"""Passes HAProxy's lines on from a pipe to the engine, many at a time: lines.py < PIPE

The engine wakes for each write of a container. For a line a request that costs more than HAProxy takes to make the
line. The pipe takes the lines of many rests, so HAProxy drops none. If the engine takes no lines, the pipe fills up:
then HAProxy drops and counts lines, but does not wait. The program ends with HAProxy.

The kernel moves the lines from pipe to pipe, so no line is ever in the program. If the program dies, the one after it
goes on at the same byte.
"""

import fcntl
import os
import sys
import termios
import time

PIPE = sys.stdin.fileno()
ENGINE = sys.stdout.fileno()
# The most that the kernel lets a user without rights take: /proc/sys/fs/pipe-max-size.
BYTES = 1024 * 1024
# No line waits longer. In this time HAProxy's one thread writes less than half of the pipe, in lines of usual length.
REST_SECONDS = 0.05


def waiting() -> int:
    """The bytes in the pipe."""
    return int.from_bytes(fcntl.ioctl(PIPE, termios.FIONREAD, bytes(4)), sys.byteorder)


fcntl.fcntl(PIPE, fcntl.F_SETPIPE_SZ, BYTES)
# The first line after a pause goes on at once.
while os.splice(PIPE, ENGINE, BYTES):
    # The engine's pipe is smaller, so one move may leave lines behind.
    left = waiting()
    while left > 0:
        left -= os.splice(PIPE, ENGINE, left)
    time.sleep(REST_SECONDS)
