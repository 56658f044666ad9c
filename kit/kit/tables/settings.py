"""TRAINER_SETTINGS of a trainer of a table: which columns are no numbers to learn from."""

import itertools
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, model_validator

from kit.contract.own_settings import OwnSettings


class TableSettings(OwnSettings):
    """The columns of `data.csv` with a meaning of their own. All others have numbers."""

    title: ClassVar[str] = "trainer.settings of a trainer of tables"
    about: ClassVar[str] = "The columns of data.csv with a meaning of their own; all others have numbers."
    example: ClassVar[str] = '{"target": "churned", "group": "customer"}'

    target: str = Field("label", min_length=1, description="Column with what a row is, or is worth")
    group: str = Field(
        None,
        min_length=1,
        description="Column with what rows have in common, such as a customer: rows of one group depend on "
        "each other, so a group is held out as a whole. Without it, any row may be held out",
    )

    slices: str = Field(
        None,
        min_length=1,
        description="Column with a name for each row, such as a region: held-out rows of one name have "
        "figures of their own, such as slice.north.macroF1, which gate.bounds can bound",
    )

    @model_validator(mode="after")
    def _differ(self) -> "TableSettings":
        for one, other in itertools.combinations(self.named, 2):
            if self.named[one] == self.named[other]:
                raise ValueError(f"{one} and {other}: both are {self.named[one]!r}; give two columns")
        return self

    @property
    def named(self) -> Mapping[str, str]:
        """The columns that are no numbers to learn from, by what they are."""
        named = {"target": self.target, "group": self.group, "slices": self.slices}
        return {name: column for name, column in named.items() if column}
