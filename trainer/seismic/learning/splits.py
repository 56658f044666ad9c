"""Chooses the traces for training, for tuning and for judging, always as whole blocks of lines or traces.

Neighbouring traces see almost the same earth, so a trace that is held out alone would be judged by its
neighbour's answer. A block keeps neighbours together. Only the traces at a block's edge still have a
neighbour on the other side. See docs/evaluation.md.
"""

import logging

import numpy as np

from kit.learning.splits import Split, counted, draw_blocks
from seismic.data.classes import meant
from seismic.data.errors import SurveyError

# Larger blocks leak less at their edges. With fewer than ten blocks, the hold-out is a matter of luck.
ENOUGH_BLOCKS = 10
# The order is the preference, see Survey.blocks. A swath of a few inlines can only be cut along its
# crosslines.
LINES = tuple((size, unit) for unit in ("inline", "crossline") for size in (8, 4, 2, 1))
TRACES = tuple((size, "trace") for size in (256, 128, 64, 32, 16))
MIN_TRACES = 100  # with fewer, 32 components and some classes cannot be told from noise

log = logging.getLogger("split")


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
        spelt = [f"{name}{meant(name, names)}" for name in lonely]
        raise SurveyError(
            f"labels: of {what}, only one has traces of class {' and of class '.join(spelt)}: it cannot "
            "be both trained on and held out: label traces of it further away, or on another line"
        )
    if found < ENOUGH_BLOCKS:
        log.warning("only %s: figures on the hold-out are rough", what)

    held = draw_blocks(labels[rows], blocks[rows], seed)
    if held is None:
        raise SurveyError(
            f"labels: no choice among {what} has each class on both sides: training needs each class in "
            "several places: label traces of each on more lines"
        )
    return Split(rows[~held], rows[held], blocks, size, unit)


def _alone(labels: np.ndarray, blocks: np.ndarray) -> list[int]:
    """Codes of the classes that are in a single block."""
    return [int(code) for code in np.unique(labels) if np.unique(blocks[labels == code]).size < 2]
