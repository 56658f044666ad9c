"""The command line of a trainer's demo data: `python -m PACKAGE.demo --out DIR --traces 5000 --seed 7`."""

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def main(
    package: str,
    name: str,
    make: Callable[[int, int], Any],
    examples: int,
    arguments: Sequence[str] | None = None,
) -> None:
    """Write one CSV file, and replace an earlier one. The same arguments give the same file.

    Parameters
    ----------
    package : the trainer's, for the usage.
    name : of the file in the folder.
    make : gives the table, a pandas DataFrame, for a number of rows and a seed.
    examples : the number of rows if none is given.
    arguments : of the command; those of the process if None.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {package}.demo", description="Write demo data.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write it into")
    parser.add_argument("--traces", type=int, default=examples, help="number of rows")
    parser.add_argument("--samples", type=int, help="not used: this data has rows of one length")
    parser.add_argument("--seed", type=int, default=7, help="decides all of the data")
    options = parser.parse_args(arguments)
    # An unfinished file never has the final name.
    part = options.out / f"{name}.part"
    make(options.traces, options.seed).to_csv(part, index=False)
    os.replace(part, options.out / name)
