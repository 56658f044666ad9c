"""Features of a trace: eight that a geophysicist would name, and its principal components."""

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import IncrementalPCA
from threadpoolctl import threadpool_limits

from kit.computing.parallel import ordered_map
from seismic.data.survey import MOST_ROWS, Survey, rows_at_once
from seismic.learning.handcrafted import HANDCRAFTED, block_rows, handcraft

N_COMPONENTS = 32
FEATURE_NAMES = HANDCRAFTED + tuple(f"pca_{number}" for number in range(1, N_COMPONENTS + 1))
# Rows of one matrix product. BLAS rounds differently for matrices of different shape. So every product has
# exactly this shape, and a trace's components do not depend on the other traces.
GEMM_ROWS = 16
# Rows per partial sum of the covariance, for any chunks; fewer rows if traces are long.
FIT_ROWS = MOST_ROWS
# The covariance takes the square of the samples in memory, and their cube in time. So the components of
# longer traces are computed batch by batch, and are no longer exact.
LONGEST_EXACT = 4096


def features_of(traces: np.ndarray, mean: np.ndarray, basis: np.ndarray, interval_us: float) -> np.ndarray:
    """The result of TraceFeatures.transform for given fitted numbers: float64 (n, 8 + n_components).

    `traces` is float32 (n, samples), `mean` (samples,), and `basis` (samples, n_components) in C order. A
    caller with few traces at a time makes the basis only once. Samples must be finite.
    """
    named, samples = len(HANDCRAFTED), len(mean)
    out = np.empty((len(traces), named + basis.shape[1]))
    size = block_rows(samples)
    for start in range(0, len(traces), size):
        block = np.ascontiguousarray(traces[start : start + size])
        rows = len(block)
        padded = np.zeros((-(-rows // GEMM_ROWS) * GEMM_ROWS, samples))
        exact = padded[:rows]
        exact[:] = block
        into = out[start : start + rows]
        handcraft(block, exact, interval_us, into[:, :named])
        exact -= mean
        product = padded.reshape(-1, GEMM_ROWS, samples) @ basis
        into[:, named:] = product.reshape(len(padded), -1)[:rows]
    return out


class TraceFeatures(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):
    """Traces (n, samples) to features float64 (n, 8 + n_components), in the order of FEATURE_NAMES.

    Up to LONGEST_EXACT samples, the principal components are exact: they come from the mean and covariance of
    all traces, which stream through. Longer traces get the components of an incremental PCA. The result does
    not depend on threads, or on the chunks of the traces. `interval_us` is the sample interval in
    microseconds.

    Fitted: mean_ (samples,), components_ (n_components, samples), explained_variance_ratio_ (n_components,),
    n_features_in_ and n_samples_seen_. There are fewer components than asked for if there are fewer samples
    or traces.
    """

    # A model's hash and its file have the name of this class. So both names stay as in the first release.
    __module__ = "seismic.features"

    def __init__(self, n_components: int = N_COMPONENTS, interval_us: float = 4000):
        self.n_components = n_components
        self.interval_us = interval_us

    def fit(self, X: np.ndarray, y: object = None) -> "TraceFeatures":
        """Fit to traces (n, samples) in memory; y is ignored."""
        return self.fit_chunks([X])

    def fit_chunks(self, chunks: Iterable[np.ndarray], workers: int | None = None) -> "TraceFeatures":
        """Fit to a stream of arrays (any number, samples). Raises ValueError if there is no trace."""
        chunks = iter(chunks)
        first = next(chunks, None)
        if first is None:
            raise ValueError("there is no trace to fit the features to")
        chunks = chain([first], chunks)
        # Give one BLAS thread to each of our threads. More would disturb each other, and sum in another
        # order.
        with threadpool_limits(1, user_api="blas"):
            if (samples := np.asarray(first).shape[1]) > LONGEST_EXACT:
                self._fit_long(_rechunk(chunks, rows_at_once(samples)))
            else:
                self._fit_exactly(_rechunk(chunks, FIT_ROWS), workers)
        return self

    def _fit_long(self, batches: Iterator[np.ndarray]) -> None:
        pca: IncrementalPCA | None = None
        for batch in batches:
            exact = batch.astype(np.float64)
            if pca is None:
                pca = IncrementalPCA(min(self.n_components, len(exact)))
            pca.partial_fit(exact, check_input=False)
        if pca is None:
            raise ValueError("there is no trace to fit the features to")
        self._keep(pca.n_samples_seen_, pca.mean_, pca.components_.copy(), pca.explained_variance_ratio_)

    def _fit_exactly(self, batches: Iterator[np.ndarray], workers: int | None) -> None:
        count, mean, scatter = 0, None, None
        for number, part_mean, part_scatter in ordered_map(_moments, batches, workers):
            if mean is None or scatter is None:
                count, mean, scatter = number, part_mean, part_scatter
                continue
            # Chan, Golub, LeVeque (1983): joins the means and scatters of two sets without cancellation.
            total = count + number
            shift = part_mean - mean
            scatter += part_scatter
            scatter += np.outer(shift, shift * (count * number / total))
            mean = mean + shift * (number / total)
            count = total
        if mean is None or scatter is None:
            raise ValueError("there is no trace to fit the features to")
        self._decompose(count, mean, scatter)

    def _decompose(self, count: int, mean: np.ndarray, scatter: np.ndarray) -> None:
        kept = min(self.n_components, len(mean), count)
        variance, vectors = np.linalg.eigh(scatter / max(count - 1, 1))
        variance = np.maximum(variance[::-1], 0)
        components = np.ascontiguousarray(vectors[:, ::-1][:, :kept].T)
        total = variance.sum()
        self._keep(count, mean, components, variance[:kept] / (total if total > 0 else 1.0))

    def _keep(self, count: int, mean: np.ndarray, components: np.ndarray, ratio: np.ndarray) -> None:
        # The sign of an eigenvector is arbitrary, so its largest entry is made positive.
        largest = np.argmax(np.abs(components), axis=1)
        components *= np.where(components[np.arange(len(components)), largest] < 0, -1.0, 1.0)[:, None]
        self.mean_ = mean
        self.components_ = components
        self.explained_variance_ratio_ = ratio
        self.n_features_in_ = len(mean)
        self.n_samples_seen_ = int(count)

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Features float64 (n, 8 + n_components) of traces (n, samples). Samples must be finite.

        Raises ValueError if the number of samples differs from the fitted one.
        """
        traces = np.asarray(X, dtype=np.float32)
        if traces.ndim != 2 or traces.shape[1] != self.n_features_in_:
            raise ValueError(f"expected traces of shape (n, {self.n_features_in_}), got {traces.shape}")
        return features_of(traces, self.mean_, np.ascontiguousarray(self.components_.T), self.interval_us)

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Names of the columns of transform()."""
        return np.array(FEATURE_NAMES[: len(HANDCRAFTED) + len(self.components_)], dtype=object)


def _moments(traces: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
    exact = traces.astype(np.float64)
    mean = exact.mean(axis=0)
    exact -= mean
    return len(exact), mean, exact.T @ exact


def _rechunk(chunks: Iterable[np.ndarray], rows: int) -> Iterator[np.ndarray]:
    """The same rows in arrays of `rows` (the last one may be shorter)."""
    kept: list[np.ndarray] = []
    held = 0
    for chunk in chunks:
        chunk = np.asarray(chunk)
        start = 0
        while len(chunk) - start + held >= rows:
            stop = start + rows - held
            part = chunk[start:stop]
            yield np.concatenate([*kept, part]) if kept else part
            kept, held, start = [], 0, stop
        if start < len(chunk):
            kept.append(chunk[start:])
            held += len(chunk) - start
    if kept:
        yield np.concatenate(kept)


def fit_survey(
    survey: Survey, transformer: TraceFeatures, where: np.ndarray | None = None, workers: int | None = None
) -> TraceFeatures:
    """Fit to a survey's traces as they are read. `where` is a mask or indices of finite traces."""
    size = rows_at_once(survey.n_samples)
    return transformer.fit_chunks((traces for _, traces in survey.chunks(size, where)), workers)


def featurise_survey(
    survey: Survey, transformer: TraceFeatures, where: np.ndarray | None = None, workers: int | None = None
) -> np.ndarray:
    """Features float64 (n, 8 + n_components) of a survey's traces, in the order of `where`.

    `where` is a bool mask (n_traces,) or an array of indices. It streams: memory holds the result and a few
    chunks. The result does not depend on the number of workers.
    """
    indices = survey.selection(where)
    out = np.empty((len(indices), len(transformer.get_feature_names_out())))
    size = rows_at_once(survey.n_samples)
    starts = range(0, len(indices), size)

    def part(start: int) -> tuple[int, np.ndarray]:
        return start, transformer.transform(survey.read(indices[start : start + size]))

    with threadpool_limits(1, user_api="blas"):
        for start, features in ordered_map(part, starts, workers):
            out[start : start + len(features)] = features
    return out
