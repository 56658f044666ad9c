"""TRAINER_SETTINGS: how this trainer reads a survey, what it makes of its quality, and what predicts.

The fields of TrainerSettings are the settings' only home: `settings.schema.json` beside the package, by which
a deployment checks them before anything is made, is written by `python -m seismic.data.settings`.
"""

import json
import sys
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from seismic.data.formats import FORMAT_NAMES

VARIABLE = "TRAINER_SETTINGS"
# The key of the settings in a stack's configuration. Messages about a doubt name it.
KEY = "trainer.settings"

# The largest float of four bytes. Amplitudes are stored in such floats.
LARGEST_FLOAT = 3.4028235e38


def _known(code: int) -> int:
    if code not in FORMAT_NAMES:
        raise PydanticCustomError("format", "one of {codes}", {"codes": ", ".join(map(str, FORMAT_NAMES))})
    return code


# A Literal would accept true as 1.
type Format = Annotated[int, AfterValidator(_known)]
type Byte = Annotated[int, Field(ge=1, le=239)]
type Share = Annotated[float, Field(ge=0, le=1)]
# Each check has a bound above which it warns, and a bound above which there is no training.
CHECKS = ("dead_traces", "nonfinite_traces", "out_of_range_traces", "undefined_traces", "duplicate_traces",
          "clipped_samples")  # fmt: skip


def _byte(default: int, what: str) -> Any:
    return Field(default, description=f"First byte of the {what} in a trace header, counted from 1")


def _warn(default: float, what: str) -> Any:
    return Field(default, description=f"Warn when the share of {what} is above this")


def _fail(default: float, what: str) -> Any:
    return Field(default, description=f"Refuse to train when the share of {what} is above this")


class TrainerSettings(BaseModel):
    """The settings of a survey. All may be left out. They are read by their own names."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, frozen=True, allow_inf_nan=False
    )

    inline_byte: Byte = _byte(189, "inline number")
    crossline_byte: Byte = _byte(193, "crossline number")
    cdp_byte: Byte = _byte(21, "CDP number (2D lines)")
    sample_interval: int = Field(
        None, ge=1, le=10_000_000,
        description="Microseconds between samples, instead of what the headers say",
    )  # fmt: skip
    sample_format: Format = Field(
        None,
        description="SEG-Y format code of the samples, instead of bytes 3225-3226: "
        + ", ".join(f"{code} {name}" for code, name in FORMAT_NAMES.items()),
        json_schema_extra={"enum": list(FORMAT_NAMES)},
    )
    undefined_value: float = Field(
        None, ge=-LARGEST_FLOAT, le=LARGEST_FLOAT,
        description="The amplitude that stands for no data, such as 1e30; it is read as 0",
    )  # fmt: skip

    dead_traces_warn: Share = _warn(0.25, "traces of one constant value")
    dead_traces_fail: Share = _fail(0.95, "traces of one constant value")
    nonfinite_traces_warn: Share = _warn(0, "traces with NaN or infinity, which are left out")
    nonfinite_traces_fail: Share = _fail(0.5, "traces with NaN or infinity, which are left out")
    out_of_range_traces_warn: Share = _warn(0, "traces with amplitudes beyond 1e15, which are left out")
    out_of_range_traces_fail: Share = _fail(0.01, "traces with amplitudes beyond 1e15, which are left out")
    undefined_traces_warn: Share = _warn(0, "traces with 16 or more equal samples in a row, other than 0")
    undefined_traces_fail: Share = _fail(0.05, "traces with 16 or more equal samples in a row, other than 0")
    duplicate_traces_warn: Share = _warn(0.001, "traces that repeat another trace's samples")
    duplicate_traces_fail: Share = _fail(0.2, "traces that repeat another trace's samples")
    clipped_samples_warn: Share = _warn(0.001, "samples at the survey's smallest or largest amplitude")
    clipped_samples_fail: Share = _fail(0.2, "samples at the survey's smallest or largest amplitude")

    compiled_inference: bool = Field(
        True,
        description="Serve the pipeline as plain numpy, which gives the same and is faster; "
        "if false, scikit-learn's own code predicts",
    )  # fmt: skip

    @model_validator(mode="after")
    def _agree(self) -> "TrainerSettings":
        if self.inline_byte == self.crossline_byte:
            raise ValueError(f"inlineByte and crosslineByte: both are {self.inline_byte}; give two places")
        return self

    def bounds(self, check: str) -> tuple[float, float]:
        """The shares above which one of CHECKS warns and fails."""
        fail = getattr(self, f"{check}_fail")
        # If the one bound is set below the other's default, the other need not be given.
        return min(getattr(self, f"{check}_warn"), fail), fail

    @property
    def given(self) -> dict[str, Any]:
        """The given settings, by name."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    @classmethod
    def parse(cls, text: str) -> "TrainerSettings":
        """Parse the variable's text.

        ValueError has every problem, one a line, with the setting's name first.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ValueError("\n".join(_problem(one) for one in error.errors())) from None


def _problem(error: Any) -> str:
    """One of pydantic's errors in this package's words."""
    where, given = ".".join(str(part) for part in error["loc"]), error["input"]
    match error["type"]:
        case "extra_forbidden":
            return f"{where}: no such setting; there are {', '.join(_names())}"
        case "json_invalid" | "model_type":
            return 'expected a JSON object such as {"inlineByte": 9, "crosslineByte": 21}'
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            shown = json.dumps(given) if isinstance(given, str | int | float | bool | None) else "no scalar"
            return f"{where}: got {shown}; expected {error['msg'].removeprefix('Input should be ')}"


def _names() -> list[str]:
    return [to_camel(name) for name in TrainerSettings.model_fields]


def json_schema() -> dict[str, Any]:
    """The settings' JSON Schema (draft 2020-12)."""
    schema = TrainerSettings.model_json_schema(by_alias=True, ref_template="{model}")
    shared = schema.pop("$defs", {})
    for name, one in schema["properties"].items():
        # Write shared parts out, because people read the file too.
        one |= shared.get(one.pop("$ref", None), {})
        one.pop("title", None)
        # A default is no keyword: a program that checks with the schema would fill it in, and it would count
        # as given.
        if (default := one.pop("default")) is not None:
            one["description"] += f"; {json.dumps(default)} if not given"
        schema["properties"][name] = dict(sorted(one.items()))
    schema["title"] = "trainer.settings of the seismic trainer"
    schema["description"] = (
        "How a survey is read, the bounds of its quality report, and what predicts; "
        "see docs/surveys.md and docs/serving.md."
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


if __name__ == "__main__":
    json.dump(json_schema(), sys.stdout, indent=2)
    sys.stdout.write("\n")
