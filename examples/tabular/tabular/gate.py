"""Decides whether a candidate may replace the champion, by floors and by a comparison with the champion."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

NAMES = {"macroF1": "macro F1", "accuracy": "accuracy"}
ROUNDING = 1e-9  # 0.92 - 0.90 is a little more than 0.02 in binary

type Share = Annotated[float, Field(ge=0, le=1, strict=True)]


class Measures(BaseModel, extra="forbid"):
    """A bound for each measure; `recall` is a bound for each class."""

    macroF1: Share | None = None
    accuracy: Share | None = None
    recall: Share | None = None


class Floors(Measures):
    """The lowest allowed values; `classRecall` raises the floor of single classes."""

    classRecall: dict[str, Share] = {}


class Gate(BaseModel, extra="forbid"):
    """The variable GATE."""

    floors: Floors = Floors()
    regression: Measures = Measures()

    def bounds_regression(self) -> bool:
        """Whether the champion's figures matter."""
        return any(bound is not None for _, bound in self.regression)

    def is_empty(self) -> bool:
        """Whether nothing is bounded."""
        return not self.bounds_regression() and not any(bound not in (None, {}) for _, bound in self.floors)

    def reasons(
        self, metrics: Mapping[str, Any], champion: Mapping[str, Any] | None, version: str
    ) -> list[str]:
        """The reasons for a refusal, a sentence each; `champion` has the champion's figures on the same rows.
        """
        found, theirs = [], dict(_flat(champion)) if champion else {}
        for (measure, label), value in _flat(metrics):
            name = NAMES.get(measure, f"recall of {label}")
            floor = max(getattr(self.floors, measure) or 0, self.floors.classRecall.get(label, 0))
            if value < floor - ROUNDING:
                found.append(f"{name} {value:.3f} is below the floor {floor:.3f}")
            lost, allowed = theirs.get((measure, label), 0) - value, getattr(self.regression, measure)
            if allowed is not None and lost > allowed + ROUNDING:
                found.append(
                    f"{name} {value:.3f} is {lost:.3f} below the {value + lost:.3f} of the champion "
                    f"(version {version}); at most {allowed:.3f} is allowed"
                )
        return found


def _flat(metrics: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], float]]:
    yield from (((measure, ""), metrics[measure]) for measure in NAMES)
    yield from ((("recall", label), each["recall"]) for label, each in metrics["perClass"].items())
