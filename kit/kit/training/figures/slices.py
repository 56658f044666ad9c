"""Figures of slices: of the held-out rows that have something in common, such as a region or a file.

A model that is good on the whole may be poor where it matters, and a gate can bound that:
`slice.north.macroF1`.
"""

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from kit.learning.splits import Split
from kit.training.checks import TrainerFault
from kit.training.learner import Learner

# With fewer held-out rows, a figure is a matter of luck.
FEWEST_ROWS = 20
# Each slice has figures in MLflow and in the result line.
MOST_SLICES = 50

log = logging.getLogger("train")


def slices_of(learner: Learner, data: Any, split: Split) -> Mapping[str, np.ndarray]:
    """The slices by name, each a mask of the held-out rows. Small ones are left out, and told.

    Raises
    ------
    TrainerFault
        if the trainer gives anything but a name for each row, or too many slices.
    """
    if learner.slices is None:
        return {}
    names = np.asarray(learner.slices(data, split.hold_out))
    if names.shape != split.hold_out.shape or names.dtype.kind != "U":
        raise TrainerFault(
            f"Learner.slices: got {names.dtype} of shape {names.shape}; expected {split.hold_out.size} "
            "texts: correct the trainer"
        )
    masks = {name: names == name for name in np.unique(names).tolist() if name}
    if len(masks) > MOST_SLICES:
        raise TrainerFault(f"Learner.slices: got {len(masks)} slices; at most {MOST_SLICES} have figures")
    for name, mask in masks.items():
        if mask.sum() < FEWEST_ROWS:
            log.info("slice %s: %d held-out rows are too few for figures", name, mask.sum())
    return {name: mask for name, mask in masks.items() if mask.sum() >= FEWEST_ROWS}


def names_of_slices(learner: Learner, slices: Mapping[str, np.ndarray]) -> list[str]:
    """The names of the figures of slices, before they are computed."""
    return [f"slice.{name}.{figure}" for name in slices for figure in learner.task.of_slices]


def figures_of_slices(
    learner: Learner,
    slices: Mapping[str, np.ndarray],
    targets: np.ndarray,
    predictions: np.ndarray,
    classes: tuple[str, ...],
) -> dict[str, float]:
    """The figures of each slice, by the names that the gate knows."""
    return {
        f"slice.{name}.{figure}": value
        for name, mask in slices.items()
        for figure, value in learner.task.score_slice(targets[mask], predictions[mask], classes).items()
    }
