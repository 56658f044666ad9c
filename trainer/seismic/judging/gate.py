"""Decides whether a candidate may replace the champion, by floors and by a comparison with the champion.

The functions are pure. They take figures on one hold-out, from any source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seismic.data.classes import CLASSES

# This module must stay light, because the contract imports it. To import evaluation takes seconds.
if TYPE_CHECKING:
    from seismic.judging.evaluation import Scores

PARTS = ("floors", "regression")
MEASURES = ("macroF1", "accuracy", "recall")
# 0.92 - 0.90 is a little more than 0.02 in binary, and would be refused by a bound of 0.02.
ROUNDING = 1e-9

NONE, PASSED, REFUSED = "none", "passed", "refused"
# If the champion cannot be scored, the candidate is refused, or only the floors judge it.
REFUSE, FLOORS = "refuse", "floors"
# Tags of a run and of a version.
STATE_TAG, REASONS_TAG = "gate", "gate_reasons"


@dataclass(frozen=True)
class Gate:
    """Bounds from 0 to 1. A missing measure has no bound.

    `floors` has the lowest value of each measure. `class_floors` has higher floors for the recall of single
    classes. `regression` has the distance by which each measure may be lower than the champion's.
    """

    floors: Mapping[str, float]
    class_floors: Mapping[str, float]
    regression: Mapping[str, float]

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> "Gate | None":
        """The gate from its JSON object; None if the object bounds nothing.

        Raises
        ------
        ValueError
            with every problem; a problem begins with the path.
        """
        problems = [f"{name}: unknown; allowed: {', '.join(PARTS)}" for name in values if name not in PARTS]
        floors, single = values.get("floors", {}), {}
        if isinstance(floors, dict):
            floors = dict(floors)
            single = floors.pop("classRecall", {})
        gate = cls(
            _numbers("floors", floors, MEASURES, problems, "classRecall"),
            _numbers("floors.classRecall", single, CLASSES, problems),
            _numbers("regression", values.get("regression", {}), MEASURES, problems),
        )
        if problems:
            raise ValueError("; ".join(problems))
        return gate if gate.floors or gate.class_floors or gate.regression else None

    def floor(self, measure: str, label: str) -> float | None:
        """The floor of a measure, or of a class's recall. If both are given, the higher one counts."""
        given = [
            floors[key]
            for floors, key in ((self.floors, measure), (self.class_floors, label))
            if key in floors
        ]
        return max(given, default=None)


@dataclass(frozen=True)
class Champion:
    """The registered version with the alias `champion`, and its figures on the hold-out."""

    version: str
    scores: "Scores"


@dataclass(frozen=True)
class Verdict:
    """The gate's verdict on a candidate.

    `state` is NONE (there is no gate), PASSED or REFUSED. `reasons` has the reasons of a refusal. `champion`
    is None if the candidate was compared with none; then `note` has the reason.
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
            "champion": champion and {"version": champion.version, "metrics": champion.scores.as_result()},
            "note": self.note,
        }

    def as_metrics(self) -> dict[str, float]:
        """The champion's figures as metrics of the run, `champion_macro_f1`, ...; empty if there are none."""
        if self.champion is None:
            return {}
        scores = self.champion.scores
        return {
            "champion_macro_f1": scores.macro_f1,
            "champion_accuracy": scores.accuracy,
            **{f"champion_recall_{name}": each["recall"] for name, each in scores.per_class.items()},
        }

    def as_tags(self) -> dict[str, str]:
        """Tags of the run and the version. The reasons are one a line, and empty if there are none."""
        return {STATE_TAG: self.state, REASONS_TAG: "\n".join(self.reasons)}


def judge(
    gate: Gate | None,
    candidate: "Scores",
    champion: Champion | None,
    note: str = "",
    others: Sequence[str] = (),
) -> Verdict:
    """Compare a candidate's figures with the floors and with the champion's, on the same hold-out.

    Parameters
    ----------
    champion : None if there is no champion to compare with; then `note` gives the reason.
    others : reasons for a refusal besides the figures.
    """
    if gate is None:
        return Verdict(NONE, (), champion, note)
    reasons = [*others, *_below_floors(gate, candidate)]
    if champion is not None:
        reasons += _below_champion(gate, candidate, champion)
    return Verdict(REFUSED if reasons else PASSED, tuple(reasons), champion, note)


def _below_floors(gate: Gate, candidate: "Scores") -> list[str]:
    reasons = []
    for (measure, label), value in _figures(candidate).items():
        floor = gate.floor(measure, label)
        if floor is not None and value < floor - ROUNDING:
            reasons.append(f"{_named(measure, label)} {value:.3f} is below the floor {floor:.3f}")
    reasons += [
        f"recall of {name} is unknown, since no trace is labelled so; its floor is {floor:.3f}"
        for name, floor in gate.class_floors.items()
        if name not in candidate.per_class
    ]
    return reasons


def _below_champion(gate: Gate, candidate: "Scores", champion: Champion) -> list[str]:
    theirs = _figures(champion.scores)
    reasons = []
    for (measure, label), value in _figures(candidate).items():
        allowed, best = gate.regression.get(measure), theirs[measure, label]
        if allowed is not None and best - value > allowed + ROUNDING:
            reasons.append(
                f"{_named(measure, label)} {value:.3f} is {best - value:.3f} below the {best:.3f} of the "
                f"champion (version {champion.version}); at most {allowed:.3f} is allowed"
            )
    return reasons


def _figures(scores: "Scores") -> dict[tuple[str, str], float]:
    """The figures by measure and class. The class is empty for a measure over all classes."""
    return {
        ("macroF1", ""): scores.macro_f1,
        ("accuracy", ""): scores.accuracy,
        **{("recall", name): each["recall"] for name, each in scores.per_class.items()},
    }


def _named(measure: str, label: str) -> str:
    return f"recall of {label}" if label else {"macroF1": "macro F1"}.get(measure, measure)


def _numbers(
    path: str, given: Any, allowed: tuple[str, ...], problems: list[str], *others: str
) -> dict[str, float]:
    """Numbers from 0 to 1 by name. Everything else becomes a problem."""
    if not isinstance(given, dict):
        problems.append(f'{path}: got {given!r}; expected an object such as {{"{allowed[0]}": 0.7}}')
        return {}
    numbers = {}
    for name, value in given.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if name not in allowed:
            problems.append(f"{path}.{name}: unknown; allowed: {', '.join((*allowed, *others))}")
        elif not is_number or not 0 <= value <= 1:
            problems.append(f"{path}.{name}: got {value!r}; expected a number from 0 to 1")
        else:
            numbers[name] = float(value)
    return numbers
