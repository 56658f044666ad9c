"""Compares a candidate's figures with the champion's, by the gate's bounds on a loss.

A hold-out is a draw, so the difference of two models has an error. A loss beyond its bound is a reason for a
refusal only if it is more than chance. Floors and bounds do not ask for that.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kit.judging.bounds import HIGHER, Gate, Loss, covers
from kit.judging.names import shown, title

# 0.92 - 0.90 is a little more than 0.02 in binary, and would be refused by a bound of 0.02.
ROUNDING = 1e-9
# The share of hold-outs of this size whose difference the interval covers.
CONFIDENCE = 0.9
# The interval of fewer blocks goes from the best to the worst, so hardly any loss would be beyond chance.
FEWEST_BLOCKS = 8
# Digits of a result line. More would show the rounding of the machine.
DIGITS = 6

type Figures = Mapping[str, float]


@dataclass(frozen=True)
class Difference:
    """By how much a candidate's figure is higher than the champion's, and the ends of its interval.

    All three are in the unit of the figure. `blocks` is the number of blocks that say anything about it.
    """

    by: float
    low: float
    high: float
    blocks: int

    def as_result(self) -> dict[str, float]:
        """The difference for the result line."""
        return {name: float(f"{getattr(self, name):.{DIGITS}g}") for name in ("by", "low", "high")}

    def loss(self, better: str) -> tuple[float, float]:
        """The least and the greatest loss of the interval. A gain is a negative loss."""
        return (-self.high, -self.low) if better == HIGHER else (self.low, self.high)


type Differences = Mapping[str, Difference]


@dataclass
class Compared:
    """The outcome of a comparison, a sentence each.

    `reasons` are reasons for a refusal. `chance` has the losses beyond their bound that may be chance.
    `unsure` has the losses within their bound that may be larger in truth. Both do not block.
    """

    reasons: list[str] = field(default_factory=list)
    chance: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


def compare(
    gate: Gate, figures: Figures, theirs: Figures, whose: str, differences: Differences | None = None
) -> Compared:
    """Compare two models' figures on the same hold-out.

    Parameters
    ----------
    figures : the candidate's finite figures.
    theirs : the champion's figures, which need not be finite.
    whose : words that name the champion, such as " of the champion (version 2)".
    differences : the intervals by figure. A figure without one is compared as if it had no error.
    """
    compared = Compared()
    for figure, loss in _bounded(gate, figures):
        value, other = figures[figure], theirs.get(figure)
        if other is None:
            # If the champion has no such figure at all, the gate has told that already.
            if _has_any(gate, figure, theirs):
                compared.reasons.append(
                    f"{title(figure)} {shown(value)} cannot be compared: it is no figure{whose}"
                )
        elif math.isfinite(other):
            _weigh(compared, figure, loss, value, other, whose, (differences or {}).get(figure))
    return compared


def _weigh(
    compared: Compared, figure: str, loss: Loss, value: float, other: float, whose: str,
    difference: Difference | None,
) -> None:  # fmt: skip
    lost, word = (other - value, "below") if loss.better == HIGHER else (value - other, "above")
    told = (
        f"{title(figure)} {shown(value)} is {shown(lost)} {word} the {shown(other)}{whose}; "
        f"at most {shown(loss.by)} is allowed"
    )
    beyond = lost > loss.by + ROUNDING
    if difference is None or difference.blocks < FEWEST_BLOCKS:
        if beyond:
            compared.reasons.append(told)
        return
    least, most = difference.loss(loss.better)
    interval = f"on other hold-outs of this size the loss is between {_signed(least)} and {_signed(most)}"
    if beyond and least > ROUNDING:
        compared.reasons.append(told)
    elif beyond:
        compared.chance.append(f"{told}, but this may be chance: {interval}; a larger hold-out would tell")
    elif lost > ROUNDING and most > loss.by + ROUNDING:
        compared.unsure.append(
            f"{title(figure)} {shown(value)} is {shown(lost)} {word} the {shown(other)}{whose}, which cannot "
            f"be told from a loss of more than the allowed {shown(loss.by)}: {interval}"
        )


def as_result(differences: Differences | None) -> dict[str, Any]:
    """The part of the result line's gate about the differences; empty if there are none."""
    if not differences:
        return {}
    return {"differences": {name: each.as_result() for name, each in differences.items()}}


def _bounded(gate: Gate, figures: Figures) -> Iterator[tuple[str, Loss]]:
    for figure in figures:
        yield from ((figure, loss) for name, loss in gate.regression.items() if covers(name, figure))


def _has_any(gate: Gate, figure: str, theirs: Figures) -> bool:
    names = [name for name in gate.regression if covers(name, figure)]
    return any(covers(name, other) for name in names for other in theirs)


def _signed(value: float) -> str:
    return shown(value) if value >= 0 else f"-{shown(-value)}"
