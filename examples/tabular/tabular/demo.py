"""`python -m tabular.demo --out DIR --traces 5000 --seed 7`: wines like scikit-learn's."""

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_wine

from kit.tables.data import NAME


def wines(rows: int, seed: int) -> pd.DataFrame:
    """Wines of random cultivars. Each cultivar's known wines give the normal distribution."""
    known = load_wine(as_frame=True)
    rng = np.random.default_rng(seed)
    cultivars = rng.choice(known.target.unique(), rows)
    drawn = np.empty((rows, known.data.shape[1]))
    for cultivar in known.target.unique():
        of_it, wanted = known.data[known.target == cultivar], cultivars == cultivar
        drawn[wanted] = rng.multivariate_normal(of_it.mean(), of_it.cov(), wanted.sum(), method="cholesky")
    table = pd.DataFrame(drawn.round(4), columns=[name.replace("/", "_") for name in known.data.columns])
    return table.assign(label=[f"cultivar_{number}" for number in cultivars])


def main() -> None:
    """Write the table, and replace an earlier one. The same arguments give the same table."""
    parser = argparse.ArgumentParser(prog="python -m tabular.demo", description="Write a demo table.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write it into")
    parser.add_argument("--traces", type=int, default=5000, help="number of rows")
    parser.add_argument("--samples", type=int, help="not used: a wine has 13 figures")
    parser.add_argument("--seed", type=int, default=7, help="decides the whole table")
    options = parser.parse_args()
    part = options.out / f"{NAME}.part"  # an unfinished table never has the final name
    wines(options.traces, options.seed).to_csv(part, index=False)
    os.replace(part, options.out / NAME)


if __name__ == "__main__":
    main()
