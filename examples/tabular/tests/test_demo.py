"""The demo table is the same wherever it is made."""

import hashlib
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1]


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    given = ["--out", str(tmp_path), "--traces", "5000", "--samples", "64", "--seed", "7"]
    subprocess.run([sys.executable, "-m", "tabular.demo", *given], cwd=FOLDER, check=True)
    (table,) = tmp_path.iterdir()
    # A stack's data, and so its model, depends on these bytes.
    known = "b5f2ca82d592bf3d4cdba479ba917856f6942053525e28f353736dd35e472f7e"
    assert hashlib.sha256(table.read_bytes()).hexdigest() == known
