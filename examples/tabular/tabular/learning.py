"""What learns classes from the columns: a scaled logistic regression."""

from collections.abc import Mapping
from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from kit.learning.fitting import Named
from kit.learning.space import Range, Space

# C is the inverse of the regularisation. The search begins with scikit-learn's own default.
SPACE = Space.of("logistic_regression", {"C": Range(1e-3, 1e2, least=1e-9, most=1e9, log=True)}, {"C": 1.0})


def steps(parameters: Mapping[str, Any], seed: int) -> Named:
    """Unfitted steps that learn classes from numbers. The fit has no chance in it, so it needs no seed."""
    classifier = LogisticRegression(C=parameters["C"], max_iter=1000)
    return [("scale", StandardScaler()), ("classifier", classifier)]
