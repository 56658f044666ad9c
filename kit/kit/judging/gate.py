"""Decides whether a candidate may replace the champion, by bounds and by a comparison with the champion.

The functions are pure. They take figures on one hold-out, by name and from any source.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kit.judging.bounds import RECALL, WARN, Gate, covers
from kit.judging.comparison import ROUNDING, Compared, Differences, Figures, as_result, compare
from kit.judging.names import FAMILIES, metric_name, shown, title

NONE, PASSED, WARNED, REFUSED = "none", "passed", "warned", "refused"
# If the champion cannot be scored, the candidate is refused, or only the floors judge it.
REFUSE, FLOORS = "refuse", "floors"
# Tags of a run and of a version.
STATE_TAG, REASONS_TAG = "gate", "gate_reasons"
# The parts of a result line's `metrics` that are no figures.
NO_FIGURES = ("perClass", "support")


@dataclass(frozen=True)
class Champion:
    """The registered version with the alias `champion`, and its figures on the hold-out.

    `metrics` has them in the form of the result line.
    """

    version: str
    figures: Figures
    metrics: Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """The gate's verdict on a candidate.

    `state` is NONE (there is no gate), PASSED, WARNED or REFUSED. `reasons` has the reasons of a refusal, or
    of the warnings. `champion` is None if the candidate was compared with none; then `note` has the reason.
    If it was compared, `note` has the classes that only one of the two models knows, and the losses beyond
    their bound that may be chance. `unsure` has a sentence
    for each loss within its bound that may be larger in truth, for the log and the description. `differences`
    are the candidate's figures minus the champion's.
    """

    state: str
    reasons: tuple[str, ...]
    champion: Champion | None
    note: str
    unsure: tuple[str, ...] = ()
    differences: Differences = field(default_factory=dict)

    def as_result(self) -> dict[str, Any]:
        """The `gate` of the trainer's result line."""
        champion = self.champion
        return {
            "passed": self.state != REFUSED,
            "reasons": list(self.reasons),
            "compared": champion is not None,
            "champion": champion and {"version": champion.version, "metrics": champion.metrics},
            "note": self.note,
            **as_result(self.differences),
        }

    def as_metrics(self) -> dict[str, float]:
        """The champion's figures as metrics of the run, `champion_macro_f1`, ...; empty if there are none."""
        figures = {} if self.champion is None else self.champion.figures
        return {f"champion_{metric_name(name)}": value for name, value in figures.items()}

    def as_tags(self) -> dict[str, str]:
        """Tags of the run and the version. The reasons are one a line, and empty if there are none."""
        return {STATE_TAG: self.state, REASONS_TAG: "\n".join(self.reasons)}


def figures_of(metrics: Mapping[str, Any]) -> Figures:
    """The figures by name, from the `metrics` of a result line. The support is no figure."""
    overall = {name: value for name, value in metrics.items() if name not in NO_FIGURES}
    classes = metrics.get("perClass", {})
    single = {
        f"{name}.{label}": each[name] for name in FAMILIES for label, each in classes.items() if name in each
    }
    return overall | single


def judge(
    gate: Gate | None,
    figures: Figures,
    champion: Champion | None,
    note: str = "",
    others: Sequence[str] = (),
    differences: Differences | None = None,
) -> Verdict:
    """Compare a candidate's figures with the bounds and with the champion's figures on the same hold-out.

    Parameters
    ----------
    champion : None if there is no champion to compare with; then `note` gives the reason. Otherwise `note` is
        empty, or tells a limit of the comparison.
    others : reasons for a refusal besides the figures.
    differences : the candidate's figures minus the champion's, with their intervals, see `bootstrap`. A loss
        beyond its bound refuses only if its whole interval shows a loss. Figures without an interval are
        compared as they are.
    """
    if gate is None:
        return Verdict(NONE, (), champion, note, differences=differences or {})
    finite = {name: value for name, value in figures.items() if math.isfinite(value)}
    reasons = [
        *others,
        *gate.lacking(figures, None if champion is None else champion.figures),
        *_not_finite(gate, figures, ""),
        *_below_floors(gate, figures, finite),
        *_out_of_bounds(gate, finite),
    ]
    compared = Compared()
    if champion is not None:
        whose = f" of the champion (version {champion.version})"
        reasons += _not_finite(gate, champion.figures, whose)
        compared = compare(gate, finite, champion.figures, whose, differences)
    reasons += compared.reasons
    found = WARNED if gate.mode == WARN else REFUSED
    return Verdict(
        found if reasons else PASSED,
        tuple(reasons),
        champion,
        "; ".join(filter(None, (note, *compared.chance))),
        tuple(compared.unsure),
        differences or {},
    )


def _not_finite(gate: Gate, figures: Figures, whose: str) -> Iterator[str]:
    for figure, value in figures.items():
        if gate.names(figure) and not math.isfinite(value):
            yield f"{title(figure)}{whose} is {value}, which is no number to judge by"


def _below_floors(gate: Gate, figures: Figures, finite: Figures) -> Iterator[str]:
    for figure, value in finite.items():
        floor = gate.floor(figure)
        if floor is not None and value < floor - ROUNDING:
            yield f"{title(figure)} {shown(value)} is below the floor {shown(floor)}"
    for name, floor in gate.class_floors.items():
        if f"{RECALL}.{name}" not in figures:
            yield f"recall of {name} is unknown, since nothing is labelled so; its floor is {shown(floor)}"


def _out_of_bounds(gate: Gate, finite: Figures) -> Iterator[str]:
    for name, bound in gate.bounds.items():
        for figure, value in finite.items():
            if not covers(name, figure):
                continue
            if value < bound.least - ROUNDING:
                yield f"{title(figure)} {shown(value)} is below the bound {shown(bound.least)}"
            if value > bound.most + ROUNDING:
                yield f"{title(figure)} {shown(value)} is above the bound {shown(bound.most)}"
