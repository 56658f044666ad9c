"""The trainer's pipelines in plain numpy.

They give the same answers without scikit-learn's checks per call.
"""

import numpy as np
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from kit.serving.probabilities import Observe, Probabilities
from seismic.inference.trees import Trees
from seismic.learning.features import TraceFeatures, features_of
from seismic.learning.handcrafted import HANDCRAFTED

# The largest difference to the pipeline's own probabilities that counts as rounding. It is about 1e-15.
TOLERANCE = 1e-9
PROBES = 512


def compile_pipeline(pipeline: Pipeline) -> Probabilities:
    """TraceFeatures, StandardScaler and one of the trainer's classifiers as one function.

    Raises
    ------
    ValueError : the pipeline has other steps, or another order.
    """
    # Do not use isinstance, because a subclass may do anything.
    kinds = [type(step) for _, step in pipeline.steps]
    if kinds[:-1] != [TraceFeatures, StandardScaler]:
        raise ValueError(f"its steps are {', '.join(kind.__name__ for kind in kinds)}")
    features, scaler, classifier = (step for _, step in pipeline.steps)
    if not (scaler.with_mean and scaler.with_std):
        raise ValueError("its StandardScaler does not both centre and scale")
    if kinds[-1] is HistGradientBoostingClassifier:
        scores = Trees(classifier).scores
    elif kinds[-1] is LogisticRegression:
        weights, intercept = np.ascontiguousarray(classifier.coef_.T), classifier.intercept_

        def scores(values: np.ndarray) -> np.ndarray:
            return values @ weights + intercept
    else:
        raise ValueError(f"its classifier is a {kinds[-1].__name__}")
    basis = np.ascontiguousarray(features.components_.T)
    trace_mean, interval_us, mean, scale = features.mean_, features.interval_us, scaler.mean_, scaler.scale_

    def probabilities(traces: np.ndarray, observe: Observe | None = None) -> np.ndarray:
        values = features_of(traces, trace_mean, basis, interval_us)
        if observe is not None:
            observe(values)
        values -= mean
        values /= scale
        return as_probabilities(scores(values))

    # For two classes, both classifiers have one score: the logarithm of the second class's odds.
    as_probabilities = _odds if len(classifier.classes_) == 2 else _softmax
    return probabilities


def probes(pipeline: Pipeline) -> np.ndarray:
    """Traces (PROBES, n_samples) float32 for a compiled pipeline. They vary about as the training data did.

    Their principal components have the spread that the scaler saw, with some noise, and some are louder. They
    reach nine of ten leaves of 300 trees. Plain noise has components close to 0, and reaches few leaves.
    """
    features, scaler = (step for _, step in pipeline.steps[:2])
    spread = scaler.scale_[len(HANDCRAFTED) :]
    generator = np.random.default_rng(0)
    traces = generator.standard_normal((PROBES, len(spread))) * spread @ features.components_
    traces += generator.standard_normal(traces.shape) * spread[-1]
    traces *= generator.lognormal(0, 0.5, (PROBES, 1))
    return (features.mean_ + traces).astype(np.float32)


def check_equal(compiled: Probabilities, own: Probabilities, traces: np.ndarray) -> None:
    """Compare two functions.

    Raises
    ------
    ValueError : a probability differs by more than TOLERANCE, or a class differs.
    """
    found, expected = compiled(traces), own(traces)
    difference = np.abs(found - expected).max()
    # Do not write > here, because NaN must fail too.
    if not difference <= TOLERANCE:
        raise ValueError(f"its compiled probabilities differ by {difference:.3g}")
    if (found.argmax(axis=1) != expected.argmax(axis=1)).any():
        raise ValueError("its compiled form gives other classes")


def _odds(scores: np.ndarray) -> np.ndarray:
    second = expit(scores[:, 0])
    return np.column_stack([1 - second, second])


def _softmax(scores: np.ndarray) -> np.ndarray:
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores
