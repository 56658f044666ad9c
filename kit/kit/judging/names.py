"""The names of figures: for the gate, for people, and among MLflow's metrics.

This module must stay light, because settings import it.
"""

import re

from kit.judging.bounds import RECALL

ROC_AUC = "rocAuc"
# Families of the figures of single classes: `recall.anomaly` is recall of the class `anomaly`.
OF_CLASSES = (RECALL, "precision", "f1")
# A class that has no row on the hold-out, or all rows, has no ROC-AUC.
FAMILIES = (*OF_CLASSES, ROC_AUC)
# Figures over all classes, and figures of a regressor. Some are absent where they have no meaning.
OF_CLASSIFIER = ("macroF1", "weightedF1", "accuracy", "logLoss", ROC_AUC, "calibrationError", "brier")
OF_REGRESSOR = ("rmse", "mae", "r2", "bias", "mape")
TITLES = {
    "macroF1": "macro F1",
    "weightedF1": "weighted F1",
    "logLoss": "log loss",
    ROC_AUC: "ROC-AUC",
    "calibrationError": "calibration error",
    "brier": "Brier score",
}
# Beyond these, three decimals would hide a value or its size.
FEWEST, MOST = 1e-3, 1e6


def title(figure: str) -> str:
    """The name of a figure as people read it: `macro F1`, `recall of anomaly`."""
    family, _, label = figure.partition(".")
    if label and family in FAMILIES:
        return f"{TITLES.get(family, family)} of {label}"
    return TITLES.get(figure, figure)


def shown(value: float) -> str:
    """A value as people read it."""
    return f"{value:.3f}" if value == 0 or FEWEST <= abs(value) < MOST else f"{value:.6g}"


def metric_name(figure: str) -> str:
    """The name of a figure among MLflow's metrics: `macro_f1`, `recall_anomaly`, `gap_macro_f1`."""
    *words, last = figure.split(".", 1)
    if words and words[0] in FAMILIES:
        return f"{_snake(words[0])}_{last}"
    return "_".join(_snake(each) for each in (*words, last))


def _snake(word: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower()
