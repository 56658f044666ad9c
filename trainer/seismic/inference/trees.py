"""Predicts with all trees of a gradient boosting at once, in numpy.

scikit-learn walks through one tree after another: 4 µs a tree before the first trace, and a mispredicted
branch a level. This module uses QuickScorer (Lucchese et al., SIGIR 2015). A tree is a word with a bit for
each leaf, from left to right. A split that sends a trace to the right clears the bits of the leaves on its
left. When all such splits of a tree have done so, the lowest remaining bit is the trace's leaf. The bits that
the splits on one feature clear depend only on the number of thresholds that the value exceeds, so they are a
row of a table. A trace is one row per feature, joined by AND.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

MOST_LEAVES = 64
# The size of the table. The trainer's own search makes up to 15 MB. Beyond the processor's caches, it would
# be slow.
MOST_BYTES = 64 << 20
# Rows of the table that are joined at once. They fit into a core's second-level cache.
BLOCK_BYTES = 384 << 10


class Trees:
    """The trees of a fitted HistGradientBoostingClassifier.

    Raises
    ------
    ValueError : it has categorical features, a tree of more than MOST_LEAVES leaves, or a table of more than
        MOST_BYTES.
    """

    def __init__(self, boosting: HistGradientBoostingClassifier) -> None:
        if boosting.is_categorical_ is not None:
            raise ValueError("it has categorical features")
        # Put class after class, so that numpy sums neighbouring values.
        trees = [tree.nodes for of_class in zip(*boosting._predictors, strict=True) for tree in of_class]
        leaves = max(np.count_nonzero(nodes["is_leaf"]) for nodes in trees)
        if leaves > MOST_LEAVES:
            raise ValueError(f"it has trees of {leaves} leaves, at most {MOST_LEAVES} can be")
        word = np.uint32 if leaves <= 32 else np.uint64
        self._classes = boosting.n_trees_per_iteration_
        self._baseline = boosting._baseline_prediction
        # One value for each leaf and tree, in one row. Unused places are never read.
        self._values = np.zeros((len(trees), leaves))
        self._first = np.arange(len(trees)) * leaves
        splits: list[list[tuple[float, int, int]]] = [[] for _ in range(boosting.n_features_in_)]
        for number, nodes in enumerate(trees):
            _walk(nodes, number, self._values[number], splits)
        self._thresholds = [np.unique([threshold for threshold, _, _ in found]) for found in splits]
        rows = [len(thresholds) + 1 for thresholds in self._thresholds]
        size = sum(rows) * len(trees) * np.dtype(word).itemsize
        if size > MOST_BYTES:
            raise ValueError(f"its table would take {size >> 20} MiB, at most {MOST_BYTES >> 20} can be")
        self._offsets = np.cumsum([0, *rows[:-1]])
        every = int(np.iinfo(word).max)
        self._table = np.full((sum(rows), len(trees)), every, word)
        for found, thresholds, offset in zip(splits, self._thresholds, self._offsets, strict=True):
            part = self._table[offset : offset + len(thresholds) + 1]
            for threshold, number, cleared in found:
                part[np.searchsorted(thresholds, threshold) + 1, number] &= word(every ^ cleared)
            # A value above a threshold is also above all lower ones.
            np.bitwise_and.accumulate(part, axis=0, out=part)
        self._block = max(1, BLOCK_BYTES // (len(rows) * self._table[0].nbytes))

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Raw scores (n, n_classes) of finite float64 features (n, n_features): baseline and all trees.

        For two classes there is one column, the score of the second class.
        """
        places = np.empty(features.shape, np.intp)
        for column, thresholds in enumerate(self._thresholds):
            # A value above a threshold goes to the right. An equal value goes to the left.
            places[:, column] = thresholds.searchsorted(features[:, column])
        places += self._offsets
        out = np.empty((len(features), self._classes))
        for start in range(0, len(features), self._block):
            words = np.bitwise_and.reduce(self._table.take(places[start : start + self._block], 0), axis=1)
            # The number of zeros below the lowest bit is the leaf's number.
            leaf = np.bitwise_count(~words & (words - words.dtype.type(1)))
            values = self._values.take(leaf + self._first)
            out[start : start + self._block] = values.reshape(len(values), self._classes, -1).sum(axis=2)
        out += self._baseline
        return out


def _walk(
    nodes: np.ndarray, number: int, values: np.ndarray, splits: Sequence[list[tuple[float, int, int]]]
) -> None:
    """Number a tree's leaves from left to right into `values`.

    For each split, add (threshold, tree, bits of the left leaves) to the list of its feature.
    """
    left, right, leaf = nodes["left"].tolist(), nodes["right"].tolist(), nodes["is_leaf"].tolist()
    feature, threshold = nodes["feature_idx"].tolist(), nodes["num_threshold"].tolist()
    value = nodes["value"].tolist()
    count = 0

    def descend(node: int) -> int:
        """The bits of the leaves below."""
        nonlocal count
        if leaf[node]:
            values[count] = value[node]
            count += 1
            return 1 << (count - 1)
        below = descend(left[node])
        splits[feature[node]].append((threshold[node], number, below))
        return below | descend(right[node])

    descend(0)
