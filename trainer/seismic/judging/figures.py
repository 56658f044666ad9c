"""The names of the figures that the gate can bound, before they are computed.

This module must stay light, because settings import it.
"""

from collections.abc import Collection

from kit.judging.bounds import Gate
from kit.judging.gate import OF_CLASSES

# Over all classes.
OVERALL = ("macroF1", "weightedF1", "accuracy", "logLoss")
# What only the candidate has: by how much macro F1 is higher on its training traces, and its stored size.
GAP, BYTES = "gap.macroF1", "modelBytes"


def check_names(gate: Gate | None, classes: Collection[str]) -> None:
    """Check that a gate names only figures that a run with these classes has.

    A figure of the candidate alone is compared with no champion.

    Raises
    ------
    ValueError
        with the paths of the others, and the figures that there are.
    """
    if gate is None:
        return
    of_both = [*OVERALL, *(f"{measure}.{name}" for name in classes for measure in OF_CLASSES)]
    if lacking := gate.lacking([*of_both, GAP, BYTES], of_both):
        raise ValueError("; ".join(lacking))
