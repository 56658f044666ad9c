"""`python -m stub.demo --out DIR --traces 3000 --seed 7`: rows of three classes that overlap a little."""

import argparse
import os
import random
from pathlib import Path

from stub.data import LABEL, NAME, Rows

CLASSES, COLUMNS = ("high", "low", "middle"), 4
# The standard deviation within a class is 1, so one row in thirty looks like a row of another class.
DISTANCE = 4.0


def rows(number: int, seed: int) -> Rows:
    """A number of rows. The same arguments give the same rows."""
    rng = random.Random(seed)
    centres = {label: [rng.uniform(-1, 1) for _ in range(COLUMNS)] for label in CLASSES}
    for label, at in (("low", -DISTANCE), ("high", DISTANCE)):
        centres[label][0] += at
    drawn = (rng.choice(CLASSES) for _ in range(number))
    return [(label, tuple(round(rng.gauss(mean, 1), 4) for mean in centres[label])) for label in drawn]


def main() -> None:
    """Write the table, and replace an earlier one."""
    parser = argparse.ArgumentParser(prog="python -m stub.demo", description="Write a demo table.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write it into")
    parser.add_argument("--traces", type=int, default=3000, help="number of rows")
    parser.add_argument("--samples", type=int, help=f"not used: a row has {COLUMNS} numbers")
    parser.add_argument("--seed", type=int, default=7, help="decides the whole table")
    options = parser.parse_args()
    header = ",".join([LABEL, *(f"x{number}" for number in range(COLUMNS))])
    lines = [",".join([label, *map(str, row)]) for label, row in rows(options.traces, options.seed)]
    part = options.out / f"{NAME}.part"  # an unfinished table never has the final name
    part.write_text("\n".join([header, *lines, ""]))
    os.replace(part, options.out / NAME)


if __name__ == "__main__":
    main()
