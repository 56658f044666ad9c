"""A training run's environment variables: the kit's, and this trainer's own."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kit.contract.own_settings import own_settings
from kit.judging.bounds import Gate
from kit.judging.names import FAMILIES
from kit.training import settings
from seismic.data.settings import KEY, TrainerSettings

if TYPE_CHECKING:
    from kit.learning.space import Space


def _space() -> "Space":
    # The classifiers have the names and ranges. Import them late, because scikit-learn takes seconds.
    from seismic.learning.classifiers import SPACE

    return SPACE


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The settings of one training run."""

    hyperparameters: Mapping[str, Any] = settings.hyperparameters(_space)
    trainer_settings: TrainerSettings = own_settings(TrainerSettings)

    @classmethod
    def conflicts(cls, values: Mapping[str, Any]) -> Iterator[str]:
        """A gate names only classes that the settings list, if they list any."""
        yield from super().conflicts(values)
        gate, own = values.get("gate"), values.get("trainer_settings")
        if gate and own and own.class_names:
            unknown = ", ".join(_unknown(gate, own.class_names))
            if unknown:
                known = ", ".join(own.class_names)
                yield f"GATE: {unknown}: no such class; {KEY}.classes has {known}"


def _unknown(gate: Gate, classes: Collection[str]) -> Iterator[str]:
    """The paths in a gate that name other classes."""
    yield from (f"gate.floors.classRecall.{name}" for name in gate.class_floors if name not in classes)
    for part, names in (("bounds", gate.bounds), ("regression", gate.regression)):
        for figure in names:
            family, _, name = figure.partition(".")
            if family in FAMILIES and name and name not in classes:
                yield f"gate.{part}.{figure}"
