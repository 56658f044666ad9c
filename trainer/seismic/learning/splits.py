"""Chooses the traces for training, for tuning and for judging, always as whole blocks of lines or traces.

Neighbouring traces see almost the same earth, so a trace that is held out alone would be judged by its
neighbour's answer. A block keeps neighbours together. Only the traces at a block's edge still have a
neighbour on the other side. See docs/evaluation.md.
"""

import logging
import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from seismic.data.survey import SurveyError

# Larger blocks leak less at their edges. With fewer than ten blocks, the hold-out is a matter of luck.
ENOUGH_BLOCKS = 10
# The order is the preference, see Survey.blocks. A swath of a few inlines can only be cut along its
# crosslines.
LINES = tuple((size, unit) for unit in ("inline", "crossline") for size in (8, 4, 2, 1))
TRACES = tuple((size, "trace") for size in (256, 128, 64, 32, 16))
HOLD_OUT_SHARE = 0.2
HOLD_OUT_SLACK = 0.1  # a draw is good if it holds out 10 to 30 % of each class
HOLD_OUT_DRAWS = 200
FOLDS = 3
MIN_TRACES = 100  # with fewer, 32 components and three classes cannot be told from noise

log = logging.getLogger("split")


@dataclass(frozen=True)
class Split:
    """Trace numbers of the survey, ascending, and the block of each of its traces.

    A block has `block_size` successive elements of `unit`, which is "inline", "crossline" or "trace".
    """

    train: np.ndarray
    hold_out: np.ndarray
    blocks: np.ndarray
    block_size: int
    unit: str

    def describe(self, labels: np.ndarray, names: tuple[str, ...]) -> dict:
        """As JSON, with enough facts to hold out the same traces again, and to see the balance of classes."""

        def count(rows: np.ndarray) -> dict[str, int]:
            return {name: int((labels[rows] == code).sum()) for code, name in enumerate(names)}

        return {
            "blockSize": self.block_size,
            "blockUnit": self.unit,
            "blocks": int(np.unique(self.blocks).size),
            "holdOutBlocks": np.unique(self.blocks[self.hold_out]).tolist(),
            "holdOutTraces": ranges(self.hold_out),
            "trained": count(self.train),
            "heldOut": count(self.hold_out),
        }


def counted(size: int, unit: str) -> str:
    """A number with its unit: "1 inline" or "8 inlines"."""
    return f"{size} {unit}{'' if size == 1 else 's'}"


def ranges(rows: np.ndarray) -> list[list[int]]:
    """Ascending numbers as pairs [first, last]."""
    if rows.size == 0:
        return []
    parts = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
    return [[int(part[0]), int(part[-1])] for part in parts]


def usable_traces(survey) -> np.ndarray:
    """Numbers of the traces that are labelled, alive and finite, with ordinary amplitudes.

    Raises
    ------
    SurveyError
        for too few such traces, or only one class.
    """
    rows = np.flatnonzero((survey.labels >= 0) & survey.usable)
    if rows.size < MIN_TRACES:
        raise SurveyError(
            f"labels: {rows.size} of {survey.n_traces} traces are labelled and usable: "
            f"training needs at least {MIN_TRACES}: label more traces"
        )
    if np.unique(survey.labels[rows]).size < 2:
        raise SurveyError(
            "labels: all labelled traces are of one class: training needs two or more: label others too"
        )
    return rows


def split_survey(survey, rows: np.ndarray, names: tuple[str, ...], seed: int) -> Split:
    """Hold whole blocks out: about 20 % of the traces, with each class on both sides.

    Parameters
    ----------
    rows : numbers of the usable traces.
    names : the classes, in the order of the codes in `survey.labels`.
    seed : chooses the blocks. The same survey and seed give the same hold-out.

    Raises
    ------
    SurveyError
        if a class is only in one block, so that it cannot be both learnt and judged.
    """
    labels = survey.labels
    tried = []
    for size, unit in LINES if survey.geometry_kind == "3D" else TRACES:
        blocks = np.asarray(survey.blocks(size, unit))
        found = np.unique(blocks[rows]).size
        lonely = [names[code] for code in _alone(labels[rows], blocks[rows])]
        tried.append((blocks, size, unit, found, lonely))
        if found >= ENOUGH_BLOCKS and not lonely:
            break
    # Among equals, max takes the first one.
    blocks, size, unit, found, lonely = max(tried, key=lambda one: (not one[4], min(one[3], ENOUGH_BLOCKS)))
    what = f"{found} block{'' if found == 1 else 's'} of {counted(size, unit)}"
    if lonely:
        raise SurveyError(
            f"labels: of {what}, only one has traces of class {' and of class '.join(lonely)}: it cannot "
            "be both trained on and held out: label traces of it further away, or on another line"
        )
    if found < ENOUGH_BLOCKS:
        log.warning("only %s: figures on the hold-out are rough", what)

    held = _draw(labels[rows], blocks[rows], seed)
    if held is None:
        raise SurveyError(
            f"labels: no choice among {what} has each class on both sides: training needs each class in "
            "several places: label traces of each on more lines"
        )
    return Split(rows[~held], rows[held], blocks, size, unit)


def _draw(labels: np.ndarray, blocks: np.ndarray, seed: int) -> np.ndarray | None:
    """Draw blocks until each class has about its share; otherwise take the best of many draws.

    StratifiedGroupKFold does not fit: its folds do not depend on the seed, and it puts the strangest blocks
    together.

    Returns
    -------
    a mask of the rows, or None if no draw had each class on both sides.
    """
    names, codes = np.unique(labels, return_inverse=True)
    groups, group = np.unique(blocks, return_inverse=True)
    counts = np.zeros((groups.size, names.size))
    np.add.at(counts, (group, codes), 1)
    total = counts.sum(axis=0)
    generator = np.random.default_rng(seed)
    best, least = None, np.inf
    for _ in range(HOLD_OUT_DRAWS):
        order = generator.permutation(groups.size)
        reached = counts[order].sum(axis=1).cumsum() / labels.size
        # Take the number of blocks that is nearest to the share, at least one, and leave at least one.
        number = min(int(np.abs(reached - HOLD_OUT_SHARE).argmin()) + 1, groups.size - 1)
        taken = counts[order[:number]].sum(axis=0)
        if (taken == 0).any() or (taken == total).any():
            continue
        distance = float(np.abs(taken / total - HOLD_OUT_SHARE).max())
        if distance < least:
            best, least = order[:number], distance
        if least <= HOLD_OUT_SLACK:
            break
    return None if best is None else np.isin(group, best)


def folds(labels: np.ndarray, blocks: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Up to three folds of whole blocks for cross-validation, as pairs of row indices.

    With a single block, or if no split leaves two classes to learn, a fold has consecutive traces. This is
    rough, but enough to choose parameters.
    """
    found = []
    if np.unique(blocks).size >= FOLDS:
        with warnings.catch_warnings():
            # A class has fewer traces than folds. A fold without it is left out below.
            warnings.simplefilter("ignore", UserWarning)
            found = [
                (train, test)
                for train, test in StratifiedGroupKFold(FOLDS).split(labels, labels, blocks)
                if test.size and np.unique(labels[train]).size == np.unique(labels).size
            ]
    if found:
        return found
    log.warning("too few blocks for cross-validation: tuning on runs of consecutive traces")
    return list(StratifiedKFold(2).split(labels, labels))


def _alone(labels: np.ndarray, blocks: np.ndarray) -> list[int]:
    """Codes of the classes that are in a single block."""
    return [int(code) for code in np.unique(labels) if np.unique(blocks[labels == code]).size < 2]
