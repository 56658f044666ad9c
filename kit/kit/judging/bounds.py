"""The bounds of a gate, as the variable GATE gives them, and the figures that they name.

A figure has a name: `macroF1`, `rmse`, or `recall.anomaly` for one class. A name such as `recall`, which is
no figure itself, stands for all figures whose names begin with `recall.`.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

PARTS = ("floors", "regression", "bounds", "mode")
# The platform gives bounds on them by default, to a trainer of any kind.
MEASURES = ("macroF1", "accuracy", "recall")
BLOCK, WARN = MODES = ("block", "warn")
HIGHER, LOWER = DIRECTIONS = ("higher", "lower")
RECALL = "recall"


@dataclass(frozen=True)
class Bound:
    """The least and the greatest value of a figure, both allowed."""

    least: float = -math.inf
    most: float = math.inf


@dataclass(frozen=True)
class Loss:
    """How much worse than the champion's a figure may be. `better` says which of its values are better."""

    by: float
    better: str = HIGHER


@dataclass(frozen=True)
class Gate:
    """What a candidate must meet. A figure that nothing names has no bound.

    `floors` has the lowest value of each measure. `class_floors` has higher floors for the recall of single
    classes. `mode` is BLOCK, or WARN: then a candidate that does not meet the bounds passes with warnings.
    `default_floors` has the names of the floors that the platform gave, and not the stack.
    """

    floors: Mapping[str, float]
    class_floors: Mapping[str, float]
    regression: Mapping[str, Loss]
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    mode: str = BLOCK
    default_floors: tuple[str, ...] = ()

    @classmethod
    def parse(cls, values: Mapping[str, Any], classes: Collection[str] | None = None) -> "Gate | None":
        """The gate from its JSON object; None if the object bounds nothing.

        Parameters
        ----------
        classes : the classes that can have a floor, if they are known already.

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
            _shares("floors", floors, MEASURES, problems, "classRecall"),
            _shares("floors.classRecall", single, classes, problems),
            dict(_losses(values.get("regression", {}), problems)),
            dict(_bounds(values.get("bounds", {}), problems)),
            values.get("mode", BLOCK),
        )
        if gate.mode not in MODES:
            problems.append(f"mode: got {gate.mode!r}; allowed: {', '.join(MODES)}")
        if problems:
            raise ValueError("; ".join(problems))
        return gate if gate.floors or gate.class_floors or gate.regression or gate.bounds else None

    def with_default_floors(self, text: str) -> "Gate":
        """The gate with the value of GATE_DEFAULT_FLOORS: names with commas between them."""
        return replace(self, default_floors=tuple(filter(None, text.split(","))))

    def floor(self, figure: str) -> float | None:
        """The floor of a figure. If several are given, the highest one counts."""
        family, _, label = figure.partition(".")
        given = [least for name, least in self.floors.items() if covers(name, figure)]
        if family == RECALL and label in self.class_floors:
            given.append(self.class_floors[label])
        return max(given, default=None)

    def names(self, figure: str) -> bool:
        """Whether anything bounds a figure."""
        named = (*self.bounds, *self.regression)
        return self.floor(figure) is not None or any(covers(name, figure) for name in named)

    def lacking(self, figures: Collection[str], compared: Collection[str] | None) -> list[str]:
        """A sentence for the bounds that name figures which a run lacks, with the figures that there are.

        Parameters
        ----------
        figures : the names of a candidate's figures.
        compared : the names of the figures that it can be compared by; None if it is compared with nothing.
        """
        # The platform gives floors to any trainer, and they count where there is such a figure. A floor of 0
        # bounds nothing.
        floors = [
            name for name, least in self.floors.items() if least > 0 and name not in self.default_floors
        ]
        own, theirs = _absent(self.regression, figures), _absent(self.regression, compared or ())
        # The platform gives these bounds too. Where neither model has such a figure, they are void.
        void = [name for name in own if name in MEASURES and name in theirs]
        wrong = [f"gate.floors.{name}" for name in _absent(floors, figures)]
        wrong += [f"gate.bounds.{name}" for name in _absent(self.bounds, figures)]
        wrong += [f"gate.regression.{name}" for name in own if name not in void]
        said = [_no_such(wrong, figures, "it")] if wrong else []
        if compared is not None:
            wrong = [f"gate.regression.{name}" for name in theirs if name not in own]
            said += [_no_such(wrong, compared, "the champion")] if wrong else []
        return said


def covers(name: str, figure: str) -> bool:
    """Whether a bound of this name holds for a figure: `recall` holds for `recall.anomaly`."""
    return figure == name or figure.startswith(f"{name}.")


def _absent(names: Collection[str], figures: Collection[str]) -> list[str]:
    return [name for name in names if not any(covers(name, figure) for figure in figures)]


def _no_such(paths: Collection[str], figures: Collection[str], whose: str) -> str:
    return f"{', '.join(paths)}: no such figure; {whose} has {', '.join(sorted(figures)) or 'none'}"


def _losses(given: Any, problems: list[str]) -> Iterator[tuple[str, Loss]]:
    """Today's measures have a number, other figures an object with a direction."""
    simple = given
    if isinstance(given, dict):
        simple = {name: value for name, value in given.items() if name in MEASURES}
    shares = _shares("regression", simple, MEASURES, problems)
    yield from ((name, Loss(by)) for name, by in shares.items())
    for name, value in given.items() if isinstance(given, dict) else ():
        path = f"regression.{name}"
        if name in MEASURES:
            continue
        if not isinstance(value, dict) or set(value) != {"by", "better"}:
            problems.append(f'{path}: got {value!r}; expected {{"by": 0.1, "better": "higher" or "lower"}}')
        elif value["better"] not in DIRECTIONS:
            problems.append(f"{path}.better: got {value['better']!r}; allowed: {', '.join(DIRECTIONS)}")
        elif not _is_number(value["by"]) or value["by"] < 0:
            problems.append(f"{path}.by: got {value['by']!r}; expected a number from 0")
        else:
            yield name, Loss(float(value["by"]), value["better"])


def _bounds(given: Any, problems: list[str]) -> Iterator[tuple[str, Bound]]:
    if not isinstance(given, dict):
        problems.append(f'bounds: got {given!r}; expected an object such as {{"rmse": {{"max": 3}}}}')
        return
    for name, value in given.items():
        path = f"bounds.{name}"
        if not isinstance(value, dict) or not value or not set(value) <= {"min", "max"}:
            problems.append(f'{path}: got {value!r}; expected an object with "min", "max" or both')
            continue
        wrong = [key for key, limit in value.items() if not _is_number(limit)]
        problems.extend(f"{path}.{key}: got {value[key]!r}; expected a number" for key in wrong)
        if wrong:
            continue
        bound = Bound(float(value.get("min", -math.inf)), float(value.get("max", math.inf)))
        if bound.least > bound.most:
            problems.append(f"{path}.min: got {bound.least:g}; expected at most the max, {bound.most:g}")
        yield name, bound


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _shares(
    path: str, given: Any, allowed: Collection[str] | None, problems: list[str], *others: str
) -> dict[str, float]:
    """Numbers from 0 to 1 by name. Everything else becomes a problem. None allows any name."""
    if not isinstance(given, dict):
        example = next(iter(allowed or ()), "a class")
        problems.append(f'{path}: got {given!r}; expected an object such as {{"{example}": 0.7}}')
        return {}
    numbers = {}
    for name, value in given.items():
        if allowed is not None and name not in allowed:
            problems.append(f"{path}.{name}: unknown; allowed: {', '.join((*allowed, *others))}")
        elif not _is_number(value) or not 0 <= value <= 1:
            problems.append(f"{path}.{name}: got {value!r}; expected a number from 0 to 1")
        else:
            numbers[name] = float(value)
    return numbers
