"""The figure that a random split would claim. It judges no model, and shows what whole blocks are worth."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seismic.learning import classifiers

RANDOM_SPLIT_SHARE = 0.2


def random_split_macro_f1(
    features: np.ndarray, labels: np.ndarray, parameters: Mapping[str, Any], seed: int
) -> float:
    """Macro F1 of the same parameters with single traces held out at random (20 %, stratified).

    Then most held-out traces have an almost equal neighbour among the training traces. The figure only shows
    the claim that such a split would make. See docs/evaluation.md.
    """
    train, test = train_test_split(
        np.arange(len(labels)), test_size=RANDOM_SPLIT_SHARE, stratify=labels, random_state=seed
    )
    model = make_pipeline(StandardScaler(), classifiers.make_classifier(parameters, seed))
    classifiers.fit_classifier(model, features[train], labels[train])
    predicted = model.predict(features[test])
    return float(f1_score(labels[test], predicted, average="macro", zero_division=0))
