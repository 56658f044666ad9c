"""Decides whether a candidate may replace the champion, by bounds and by a comparison with the champion."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from stub.contract import json_object

TITLES = {"macroF1": "macro F1", "accuracy": "accuracy"}
NAMES = (*TITLES, "recall")
BOUNDS = {"floors": (*NAMES, "classRecall"), "regression": NAMES, "bounds": (), "mode": ()}
ROUNDING = 1e-9  # 0.92 - 0.90 is a little more than 0.02 in binary


class Gate:
    """The variable GATE. Raises ValueError for another form."""

    def __init__(self, text: str = "{}"):
        given = json_object(text)
        floors, regression, bounds = (given.pop(part, {}) for part in ("floors", "regression", "bounds"))
        mode = given.pop("mode", "block")
        unknown = [*given, *(f"floors.{name}" for name in floors if name not in BOUNDS["floors"])]
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: unknown")
        self._classes = floors.pop("classRecall", {})
        self._floors = floors
        losses = {name: _loss(name, given) for name, given in regression.items()}
        shares = [*floors.values(), *self._classes.values()]
        shares += [by for name, (by, _) in losses.items() if name in NAMES]
        if not all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares):
            raise ValueError("expected numbers from 0 to 1")
        limits = {name: _bound(name, each) for name, each in bounds.items()}
        if mode not in ("block", "warn"):
            raise ValueError(f"mode: got {mode!r}; expected block or warn")
        self._regression, self._bounds, self.warns = losses, limits, mode == "warn"

    def classes(self) -> set[str]:
        """The classes with floors."""
        return set(self._classes)

    def bounds_regression(self) -> bool:
        """Whether the champion's figures matter."""
        return bool(self._regression)

    def is_empty(self) -> bool:
        """Whether nothing is bounded."""
        return not (self._floors or self._classes or self._regression or self._bounds)

    def lacking(self, metrics: Iterable[str], classes: Iterable[str]) -> str:
        """The reason for a refusal if a bound names no figure; empty if each names one."""
        figures = [
            *metrics,
            *(f"{name}.{each}" for name in ("precision", "recall", "f1") for each in classes),
        ]
        named = {f"gate.bounds.{name}": name for name in self._bounds}
        named |= {f"gate.regression.{name}": name for name in self._regression}
        wrong = [path for path, name in named.items() if not any(_covers(name, each) for each in figures)]
        return f"{', '.join(wrong)}: no such figure; it has {', '.join(sorted(figures))}" if wrong else ""

    def reasons(self, metrics: Mapping, champion: Mapping | None, version: str) -> list[str]:
        """The reasons for a refusal or for warnings, a sentence each.

        `champion` has the champion's figures on the same rows.
        """
        found, theirs = [], figures_of(champion) if champion else {}
        for figure, value in figures_of(metrics).items():
            family, _, label = figure.partition(".")
            name = f"{family} of {label}" if label else TITLES.get(figure, figure)
            floor = max(self._floors.get(family, 0), self._classes.get(label, 0) if family == "recall" else 0)
            if value < floor - ROUNDING:
                found.append(f"{name} {value:.3f} is below the floor {floor:.3f}")
            for least, most in _of(self._bounds, figure):
                if not least - ROUNDING <= value <= most + ROUNDING:
                    found.append(f"{name} {value:.3f} is not from {least:g} to {most:g}")
            for by, sign in _of(self._regression, figure) if figure in theirs else ():
                lost = sign * (theirs[figure] - value)
                if not lost <= by + ROUNDING:
                    word = "below" if sign > 0 else "above"
                    found.append(
                        f"{name} {value:.3f} is {lost:.3f} {word} the {theirs[figure]:.3f} of the champion "
                        f"(version {version}); at most {by:.3f} is allowed"
                    )
        return found


def figures_of(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The figures by the names that GATE knows."""
    single = {
        f"{name}.{label}": each[name]
        for label, each in metrics["perClass"].items()
        for name in ("precision", "recall", "f1")
    }
    return {name: value for name, value in metrics.items() if name != "perClass"} | single


def _covers(name: str, figure: str) -> bool:
    """`recall` holds for `recall.anomaly`."""
    return figure == name or figure.startswith(f"{name}.")


def _of(bounds: Mapping[str, tuple], figure: str) -> list[tuple]:
    return [bound for name, bound in bounds.items() if _covers(name, figure)]


def _loss(name: str, given: Any) -> tuple[float, int]:
    """The allowed difference, and 1 if higher values are better, else -1."""
    if name in NAMES:
        return given, 1
    match given:
        case {"by": int() | float() as by, "better": "higher" | "lower" as better, **rest}:
            if not rest and by >= 0:
                return by, 1 if better == "higher" else -1
    raise ValueError(f"regression.{name}: got {given!r}; expected by, and higher or lower as better")


def _bound(name: str, given: Any) -> tuple[float, float]:
    is_bound = isinstance(given, dict) and given and set(given) <= {"min", "max"}
    if not is_bound or not all(isinstance(limit, int | float) for limit in given.values()):
        raise ValueError(f"bounds.{name}: got {given!r}; expected numbers as min, max or both")
    return given.get("min", -math.inf), given.get("max", math.inf)
