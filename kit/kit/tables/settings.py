"""TRAINER_SETTINGS of a trainer of a table: which columns are no numbers to learn from."""

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

    @model_validator(mode="after")
    def _differ(self) -> "TableSettings":
        if self.group == self.target:
            raise ValueError(f"target and group: both are {self.group!r}; give two columns")
        return self

    @property
    def named(self) -> Mapping[str, str]:
        """The columns that are no numbers to learn from, by what they are."""
        return {"target": self.target} | ({"group": self.group} if self.group else {})
