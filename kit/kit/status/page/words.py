"""Names of a run's figures and files in words."""

import math
from collections.abc import Mapping
from typing import Any

from kit.registry.names import CHAMPION

KNOWN = {
    "macro_f1": "Macro F1",
    "weighted_f1": "Weighted F1",
    "roc_auc": "ROC AUC",
    "rmse": "RMSE",
    "mae": "MAE",
    "mape": "MAPE",
    "r2": "R²",
    "confusion": "Confusion matrix",
    "precision_recall": "Precision and recall",
    "roc": "ROC curve",
}
# A classifier's two figures, if it has one of them. A regressor's come first among any others.
OF_CLASSIFIERS = ("macro_f1", "accuracy")
FIRST = ("rmse", "mae", "r2")
FIGURES_SHOWN = 3


def title(name: str) -> str:
    """A name in words: `macro_f1` is Macro F1, `held_out_rows` is Held out rows."""
    words = " ".join(name.replace("_", " ").replace("-", " ").split())
    return KNOWN.get(name) or words[:1].upper() + words[1:]


def figures(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The first figures of a run, each with `name`, `title` and `value`.

    A figure of the champion, and one of MLflow's own (`system/...`), is not the run's.
    """
    own = [
        name
        for name, value in metrics.items()
        if isinstance(value, int | float) and math.isfinite(value)
        if not name.startswith(f"{CHAMPION}_") and "/" not in name
    ]
    chosen = [name for name in OF_CLASSIFIERS if name in own] or [
        *(name for name in FIRST if name in own),
        *sorted(name for name in own if name not in FIRST),
    ]
    return [{"name": name, "title": title(name), "value": metrics[name]} for name in chosen[:FIGURES_SHOWN]]
