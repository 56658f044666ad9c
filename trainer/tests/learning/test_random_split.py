import numpy as np
from sklearn.metrics import f1_score

from seismic.learning import classifiers
from seismic.learning.random_split import random_split_macro_f1

CLASSES = ("anomaly", "boundary", "normal")


def test_a_random_split_overstates_where_neighbours_are_alike():
    """Blocks with samples that do not depend on their class: a model can only copy a neighbour's answer."""
    generator = np.random.default_rng(0)
    blocks = np.repeat(np.arange(60), 30)
    labels = np.array(CLASSES)[generator.integers(0, 3, 60)][blocks]
    features = generator.normal(size=(60, 5))[blocks] + generator.normal(size=(1800, 5)) * 0.01
    parameters = {
        "classifier": classifiers.BOOSTING, "learning_rate": 0.3, "iterations": 40, "leaves": 31, "l2": 0.0,
    }  # fmt: skip
    claimed = random_split_macro_f1(features, labels, parameters, seed=1)
    model = classifiers.make_classifier(parameters, 1).fit(features[blocks < 48], labels[blocks < 48])
    honest = f1_score(labels[blocks >= 48], model.predict(features[blocks >= 48]), average="macro")
    assert claimed > 0.95
    assert honest < 0.6


def test_the_random_split_depends_on_its_seed_only():
    generator = np.random.default_rng(0)
    features, labels = generator.normal(size=(300, 4)), np.array(CLASSES)[generator.integers(0, 3, 300)]
    parameters = {"classifier": classifiers.LOGISTIC, "class_weight": "none", "C": 1.0, "max_iter": 50}
    one, again, other = (random_split_macro_f1(features, labels, parameters, seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other
