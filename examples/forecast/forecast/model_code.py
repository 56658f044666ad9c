"""The code that this trainer's models consist of."""

from pathlib import Path

from kit.registry.model_code import ModelCode

MODEL_CODE = ModelCode(
    package=Path(__file__).parent,
    types=frozenset({"forecast.features.WindowFeatures", "forecast.trees.BoostedTrees"}),
    requirements=(
        "lightgbm", "mlflow-skinny", "numpy", "pandas", "pydantic", "scikit-learn", "scipy", "skops",
        "threadpoolctl",
    ),
)  # fmt: skip
