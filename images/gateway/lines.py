"""Passes HAProxy's lines on from a pipe to the engine, many at a time: lines.py < PIPE

The engine wakes for each write of a container. For a line a request that costs more than HAProxy takes to make the
line. The pipe takes the lines of many rests, so HAProxy never waits and drops no line. The program ends with HAProxy.
"""

import fcntl
import os
import sys
import time

PIPE = sys.stdin.fileno()
ENGINE = sys.stdout.fileno()
# The most that the kernel lets a user without rights take: /proc/sys/fs/pipe-max-size.
BYTES = 1024 * 1024
# No line waits longer. In this time HAProxy's one thread writes less than half of the pipe, in lines of usual length.
REST_SECONDS = 0.05

fcntl.fcntl(PIPE, fcntl.F_SETPIPE_SZ, BYTES)
# The first line after a pause goes on at once.
while lines := os.read(PIPE, BYTES):
    while lines:
        lines = lines[os.write(ENGINE, lines) :]
    time.sleep(REST_SECONDS)
