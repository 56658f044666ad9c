"""What is held out, and the folds of the search: whole blocks of neighbouring rows, or the latest rows.

Neighbouring rows may see almost the same, so a row that is held out alone would be judged by its neighbour's
answer. A block keeps neighbours together. See docs/evaluation.md.
"""

import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold, TimeSeriesSplit

HOLD_OUT_SHARE = 0.2
HOLD_OUT_SLACK = 0.1  # a draw is good if it holds out 10 to 30 % of each class
HOLD_OUT_DRAWS = 200
FOLDS = 3

log = logging.getLogger("split")

type Fold = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Split:
    """Row numbers of the data, ascending, and the block of each of its rows.

    Parameters
    ----------
    blocks : (n_rows,) int. Rows of one block depend on each other, and are on the same side.
    block_size, unit : a block has this many successive elements, such as 8 of "inline".
    ordered : the rows are in the order of time, and what is judged is always later than what is learnt.
    gap : the number of rows right before the judged ones that nothing learns, with `ordered`.
    slices : by name, a mask of the held-out rows that also have figures of their own.
    """

    train: np.ndarray
    hold_out: np.ndarray
    blocks: np.ndarray
    block_size: int = 1
    unit: str = "row"
    ordered: bool = False
    gap: int = 0
    slices: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def is_of_blocks(self) -> bool:
        """Whether rows depend on their neighbours, so that a random split would overstate."""
        rows = np.concatenate([self.train, self.hold_out])
        return bool(np.unique(self.blocks[rows]).size < rows.size)

    def describe(self, targets: Mapping[str, Any]) -> dict[str, Any]:
        """As JSON, with enough facts to hold out the same rows again. `targets` is added."""
        return {
            "blockSize": self.block_size,
            "blockUnit": self.unit,
            "blocks": int(np.unique(self.blocks).size),
            "holdOutBlocks": np.unique(self.blocks[self.hold_out]).tolist(),
            "holdOutTraces": ranges(self.hold_out),
            **({"gap": self.gap} if self.ordered else {}),
            **targets,
        }

    def told(self) -> str:
        """What is held out, in words: "in blocks of 8 inlines"."""
        if self.ordered:
            return "as the latest"
        return f"in blocks of {counted(self.block_size, self.unit)}" if self.is_of_blocks else "at random"


def counted(size: int, unit: str) -> str:
    """A number with its unit: "1 inline" or "8 inlines"."""
    return f"{size} {unit}{'' if size == 1 else 's'}"


def ranges(rows: np.ndarray) -> list[list[int]]:
    """Ascending numbers as pairs [first, last]."""
    if rows.size == 0:
        return []
    parts = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
    return [[int(part[0]), int(part[-1])] for part in parts]


def hold_out_rows(targets: np.ndarray, seed: int) -> Split:
    """Hold out about 20 % of rows that do not depend on each other, with each class on both sides.

    Parameters
    ----------
    targets : (n,) of str, whose classes keep their shares on both sides, or of float64. A class has at least
        two rows.
    """
    count = len(targets)
    generator = np.random.default_rng(seed)
    held = np.zeros(count, dtype=bool)
    groups = [np.arange(count)]
    if targets.dtype.kind in "US":
        groups = [np.flatnonzero(targets == name) for name in np.unique(targets)]
    for group in groups:
        number = min(max(1, round(HOLD_OUT_SHARE * group.size)), group.size - 1)
        held[generator.permutation(group)[:number]] = True
    return Split(np.flatnonzero(~held), np.flatnonzero(held), np.arange(count))


def hold_out_latest(count: int, block_size: int, unit: str, gap: int = 0) -> Split:
    """Hold out the latest 20 % of rows that are in the order of time.

    Parameters
    ----------
    block_size : the number of successive rows that depend on each other, such as 24 hours.
    gap : rows right before the held-out ones that nothing learns, because their targets overlap.
    """
    first = count - max(1, round(HOLD_OUT_SHARE * count))
    return Split(
        np.arange(max(1, first - gap)), np.arange(first, count), np.arange(count) // block_size, block_size,
        unit, ordered=True, gap=gap,
    )  # fmt: skip


def draw_blocks(classes: np.ndarray, blocks: np.ndarray, seed: int) -> np.ndarray | None:
    """Draw blocks until each class has about its share; otherwise take the best of many draws.

    StratifiedGroupKFold does not fit: its folds do not depend on the seed, and it puts the strangest blocks
    together.

    Parameters
    ----------
    classes : (n,) classes of the rows, texts or codes. For a regressor, the same for all.
    blocks : (n,) blocks of the rows.

    Returns
    -------
    a mask of the rows, or None if no draw had each class on both sides.
    """
    names, codes = np.unique(classes, return_inverse=True)
    groups, group = np.unique(blocks, return_inverse=True)
    counts = np.zeros((groups.size, names.size))
    np.add.at(counts, (group, codes), 1)
    total = counts.sum(axis=0)
    generator = np.random.default_rng(seed)
    best, least = None, np.inf
    for _ in range(HOLD_OUT_DRAWS):
        order = generator.permutation(groups.size)
        reached = counts[order].sum(axis=1).cumsum() / classes.size
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


def folds(targets: np.ndarray, split: Split) -> list[Fold]:
    """Up to three folds of the training rows for cross-validation, as pairs of row indices.

    Parameters
    ----------
    targets : (n,) of str or float64, of the rows `split.train`. A fold keeps the shares of classes.

    Rows in the order of time are judged by later rows, after the gap of the split. With a single block, or
    if no split leaves all classes to learn, a fold has consecutive rows. This is rough, but enough to choose
    parameters.
    """
    if split.ordered:
        return list(TimeSeriesSplit(FOLDS, gap=split.gap).split(targets))
    blocks, classes = split.blocks[split.train], targets.dtype.kind in "US"
    if np.unique(blocks).size == blocks.size:
        rows = StratifiedKFold(FOLDS, shuffle=True, random_state=0) if classes else KFold(FOLDS)
        return list(rows.split(targets, targets))
    found = []
    if np.unique(blocks).size >= FOLDS:
        with warnings.catch_warnings():
            # A class has fewer rows than folds. A fold without it is left out below.
            warnings.simplefilter("ignore", UserWarning)
            grouped = StratifiedGroupKFold(FOLDS) if classes else GroupKFold(FOLDS)
            found = [
                (train, test)
                for train, test in grouped.split(targets, targets, blocks)
                if test.size and (not classes or np.unique(targets[train]).size == np.unique(targets).size)
            ]
    if found:
        return found
    log.warning("too few blocks for cross-validation: tuning on runs of consecutive rows")
    return list((StratifiedKFold(2) if classes else KFold(2)).split(targets, targets))
