"""The two programs of a trainer that the service starts."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Programs:
    """A trainer's programs, each with its arguments.

    `train` makes one run. `check` tells whether the trainer would accept its variables
    (`kit.retraining.check`).
    """

    train: Sequence[str]
    check: Sequence[str]

    @classmethod
    def of(cls, package: str) -> Self:
        """The modules `train` and `retraining.check` of a trainer's package."""
        python = (sys.executable, "-m")
        return cls((*python, f"{package}.train"), (*python, f"{package}.retraining.check"))
