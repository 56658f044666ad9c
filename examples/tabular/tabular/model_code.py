"""The code that this trainer's models consist of."""

from pathlib import Path

from kit.tables.model_code import table_code

MODEL_CODE = table_code(Path(__file__).parent)
