"""The output of a trainer's process on its two streams."""

import json
import subprocess
import sys

import pytest

from kit.contract import protocol


def test_progress_lines(capsys):
    protocol.progress("tuning", 3, 20, "half")
    line = capsys.readouterr().err
    assert line == 'progress {"stage": "tuning", "done": 3, "total": 20, "note": "half"}\n'
    with pytest.raises(ValueError, match="stage: got 'cooking'"):
        protocol.progress("cooking", 0, 1)


def test_standard_output_holds_the_result_and_nothing_else():
    program = """
import os, subprocess
from kit.contract import protocol
output = protocol.claim_standard_output()
print("a library chats")
subprocess.run(["echo", "so does a child"])
os.write(1, b"and C code\\n")
protocol.write_result(output, {"version": "3"})
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"version": "3"}
    for chatter in ("a library chats", "so does a child", "and C code"):
        assert chatter in done.stderr


def test_a_result_that_is_no_json_is_not_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        protocol.write_result(sys.stdout, {"macroF1": float("nan")})
