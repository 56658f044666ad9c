"""What the models of tables consist of, beyond scikit-learn."""

from pathlib import Path

from kit.registry.model_code import ModelCode

# `kit.tables.columns.Columns`, which is imported only where a model is opened.
TYPES = frozenset({"kit.tables.columns.Columns"})
REQUIREMENTS = ("mlflow-skinny", "numpy", "pandas", "scikit-learn", "scipy", "skops", "threadpoolctl")


def table_code(package: Path, types: frozenset[str] = frozenset(), *requirements: str) -> ModelCode:
    """The code of a trainer of tables.

    Parameters
    ----------
    package : the folder of the trainer's package.
    types : the full names of the trainer's own classes in a model.
    requirements : further packages that a model needs when it is loaded.
    """
    return ModelCode(package, TYPES | types, (*REQUIREMENTS, *requirements))
