"""For the tests of a trainer: what its settings read, to compare with contract/trainer.schema.json."""

import dataclasses
from typing import Any

# Variables of serving that are the kit's own, and that the platform does not give: docs/serving.md.
OWN_OF_SERVING = frozenset(
    {"MAX_BODY_BYTES", "MAX_BATCH", "DRAIN_SECONDS", "MLFLOW_RETRY_SECONDS", "WORKERS"}
)


def fields_of(settings: type) -> dict[str, dataclasses.Field[Any]]:
    """The fields that have a variable, by its name."""
    return {
        each.metadata["variable"].name: each
        for each in dataclasses.fields(settings)
        if "variable" in each.metadata
    }


def needed_of(settings: type) -> set[str]:
    """The variables that must be given."""
    return {name for name, each in fields_of(settings).items() if each.metadata["variable"].needed}


def default_of(field: dataclasses.Field[Any]) -> Any:
    """The value of a field whose variable is not given."""
    return field.default if field.default is not dataclasses.MISSING else field.default_factory()
