"""Decides whether a candidate may replace the champion, by floors and by a comparison with the champion."""

from collections.abc import Iterator, Mapping
from typing import Any

from stub.contract import json_object

NAMES = {"macroF1": "macro F1", "accuracy": "accuracy"}
BOUNDS = {"floors": (*NAMES, "recall", "classRecall"), "regression": (*NAMES, "recall")}
ROUNDING = 1e-9  # 0.92 - 0.90 is a little more than 0.02 in binary


class Gate:
    """The variable GATE. Raises ValueError for another form."""

    def __init__(self, text: str = "{}"):
        given = json_object(text)
        self._floors, self._regression = given.pop("floors", {}), given.pop("regression", {})
        unknown = list(given)
        for part, bounds in (("floors", self._floors), ("regression", self._regression)):
            unknown += [f"{part}.{name}" for name in bounds if name not in BOUNDS[part]]
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: unknown")
        shares = [*self._floors.values(), *self._regression.values()]
        shares = [one for each in shares for one in (each.values() if isinstance(each, dict) else [each])]
        if not all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares):
            raise ValueError("expected numbers from 0 to 1")

    def classes(self) -> set[str]:
        """The classes with floors."""
        return set(self._floors.get("classRecall", {}))

    def bounds_regression(self) -> bool:
        """Whether the champion's figures matter."""
        return bool(self._regression)

    def is_empty(self) -> bool:
        """Whether nothing is bounded."""
        return not self._regression and not any(each != {} for each in self._floors.values())

    def reasons(self, metrics: Mapping, champion: Mapping | None, version: str) -> list[str]:
        """The reasons for a refusal, a sentence each; `champion` has the champion's figures on the
        same rows.
        """
        found, theirs = [], dict(_flat(champion)) if champion else {}
        for (measure, label), value in _flat(metrics):
            name = NAMES.get(measure, f"recall of {label}")
            floor = max(self._floors.get(measure, 0), self._floors.get("classRecall", {}).get(label, 0))
            if value < floor - ROUNDING:
                found.append(f"{name} {value:.3f} is below the floor {floor:.3f}")
            lost, allowed = theirs.get((measure, label), 0) - value, self._regression.get(measure)
            if allowed is not None and lost > allowed + ROUNDING:
                found.append(
                    f"{name} {value:.3f} is {lost:.3f} below the {value + lost:.3f} of the champion "
                    f"(version {version}); at most {allowed:.3f} is allowed"
                )
        return found


def _flat(metrics: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], float]]:
    yield from (((measure, ""), metrics[measure]) for measure in NAMES)
    yield from ((("recall", label), each["recall"]) for label, each in metrics["perClass"].items())
