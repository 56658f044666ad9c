"""`python -m tabular.demo --out DIR --traces 5000 --seed 7`: wines like scikit-learn's."""

import numpy as np
import pandas as pd
from sklearn.datasets import load_wine

from kit.contract.demo import main
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


if __name__ == "__main__":
    main("tabular", NAME, wines, 5000)
