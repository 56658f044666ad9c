"""The code that this trainer's models consist of."""

from pathlib import Path

from kit.registry.model_code import ModelCode

MODEL_CODE = ModelCode(
    package=Path(__file__).parent,
    types=frozenset({"seismic.features.TraceFeatures"}),
    requirements=(
        "mlflow", "numpy", "pandas", "scikit-learn", "scipy", "segyio", "skops", "threadpoolctl",
    ),
)  # fmt: skip
