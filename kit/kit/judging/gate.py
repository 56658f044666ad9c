"""Decides whether a candidate may replace the champion, by bounds and by a comparison with the champion.

The functions are pure. They take figures on one hold-out, by name and from any source.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kit.judging.bounds import HIGHER, RECALL, WARN, Gate, covers

# 0.92 - 0.90 is a little more than 0.02 in binary, and would be refused by a bound of 0.02.
ROUNDING = 1e-9
# Figures of single classes. People read "recall of anomaly".
OF_CLASSES = (RECALL, "precision", "f1")
TITLES = {"macroF1": "macro F1"}
# Beyond these, three decimals would hide a value or its size.
FEWEST, MOST = 1e-3, 1e6

NONE, PASSED, WARNED, REFUSED = "none", "passed", "warned", "refused"
# If the champion cannot be scored, the candidate is refused, or only the floors judge it.
REFUSE, FLOORS = "refuse", "floors"
# Tags of a run and of a version.
STATE_TAG, REASONS_TAG = "gate", "gate_reasons"

type Figures = Mapping[str, float]


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
    """

    state: str
    reasons: tuple[str, ...]
    champion: Champion | None
    note: str

    def as_result(self) -> dict[str, Any]:
        """The `gate` of the trainer's result line."""
        champion = self.champion
        return {
            "passed": self.state != REFUSED,
            "reasons": list(self.reasons),
            "compared": champion is not None,
            "champion": champion and {"version": champion.version, "metrics": champion.metrics},
            "note": self.note,
        }

    def as_metrics(self) -> dict[str, float]:
        """The champion's figures as metrics of the run, `champion_macro_f1`, ...; empty if there are none."""
        figures = {} if self.champion is None else self.champion.figures
        return {f"champion_{metric_name(name)}": value for name, value in figures.items()}

    def as_tags(self) -> dict[str, str]:
        """Tags of the run and the version. The reasons are one a line, and empty if there are none."""
        return {STATE_TAG: self.state, REASONS_TAG: "\n".join(self.reasons)}


def figures_of(metrics: Mapping[str, Any]) -> Figures:
    """The figures by name, from the `metrics` of a result line. The support of a class is no figure."""
    overall = {name: value for name, value in metrics.items() if name != "perClass"}
    classes = metrics.get("perClass", {})
    single = {
        f"{name}.{label}": each[name]
        for name in OF_CLASSES
        for label, each in classes.items()
        if name in each
    }
    return overall | single


def metric_name(figure: str) -> str:
    """The name of a figure among MLflow's metrics: `macro_f1`, `recall_anomaly`, `gap_macro_f1`."""
    *words, last = figure.split(".", 1)
    if words and words[0] in OF_CLASSES:
        return f"{words[0]}_{last}"
    return "_".join(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", each).lower() for each in (*words, last))


def judge(
    gate: Gate | None,
    figures: Figures,
    champion: Champion | None,
    note: str = "",
    others: Sequence[str] = (),
) -> Verdict:
    """Compare a candidate's figures with the bounds and with the champion's figures on the same hold-out.

    Parameters
    ----------
    champion : None if there is no champion to compare with; then `note` gives the reason.
    others : reasons for a refusal besides the figures.
    """
    if gate is None:
        return Verdict(NONE, (), champion, note)
    finite = {name: value for name, value in figures.items() if math.isfinite(value)}
    reasons = [
        *others,
        *gate.lacking(figures, None if champion is None else champion.figures),
        *_not_finite(gate, figures, ""),
        *_below_floors(gate, figures, finite),
        *_out_of_bounds(gate, finite),
    ]
    if champion is not None:
        reasons += _worse_than_champion(gate, finite, champion)
    found = WARNED if gate.mode == WARN else REFUSED
    return Verdict(found if reasons else PASSED, tuple(reasons), champion, note)


def _not_finite(gate: Gate, figures: Figures, whose: str) -> Iterator[str]:
    for figure, value in figures.items():
        if gate.names(figure) and not math.isfinite(value):
            yield f"{_title(figure)}{whose} is {value}, which is no number to judge by"


def _below_floors(gate: Gate, figures: Figures, finite: Figures) -> Iterator[str]:
    for figure, value in finite.items():
        floor = gate.floor(figure)
        if floor is not None and value < floor - ROUNDING:
            yield f"{_title(figure)} {_shown(value)} is below the floor {_shown(floor)}"
    for name, floor in gate.class_floors.items():
        if f"{RECALL}.{name}" not in figures:
            yield f"recall of {name} is unknown, since nothing is labelled so; its floor is {_shown(floor)}"


def _out_of_bounds(gate: Gate, finite: Figures) -> Iterator[str]:
    for name, bound in gate.bounds.items():
        for figure, value in finite.items():
            if not covers(name, figure):
                continue
            if value < bound.least - ROUNDING:
                yield f"{_title(figure)} {_shown(value)} is below the bound {_shown(bound.least)}"
            if value > bound.most + ROUNDING:
                yield f"{_title(figure)} {_shown(value)} is above the bound {_shown(bound.most)}"


def _worse_than_champion(gate: Gate, finite: Figures, champion: Champion) -> Iterator[str]:
    whose = f" of the champion (version {champion.version})"
    yield from _not_finite(gate, champion.figures, whose)
    for figure, value in finite.items():
        theirs = champion.figures.get(figure)
        for name, loss in gate.regression.items():
            if not covers(name, figure):
                continue
            if theirs is None:
                # If the champion has no such figure at all, the gate has told that already.
                if any(covers(name, other) for other in champion.figures):
                    yield f"{_title(figure)} {_shown(value)} cannot be compared: it is no figure{whose}"
                continue
            if not math.isfinite(theirs):
                continue
            lost, word = (theirs - value, "below") if loss.better == HIGHER else (value - theirs, "above")
            if lost > loss.by + ROUNDING:
                yield (
                    f"{_title(figure)} {_shown(value)} is {_shown(lost)} {word} the {_shown(theirs)}{whose}; "
                    f"at most {_shown(loss.by)} is allowed"
                )


def _title(figure: str) -> str:
    family, _, label = figure.partition(".")
    return f"{family} of {label}" if label and family in OF_CLASSES else TITLES.get(figure, figure)


def _shown(value: float) -> str:
    return f"{value:.3f}" if value == 0 or FEWEST <= abs(value) < MOST else f"{value:.6g}"
