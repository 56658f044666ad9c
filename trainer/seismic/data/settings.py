"""TRAINER_SETTINGS: how this trainer reads a survey, what it makes of its quality, and what predicts.

The fields of TrainerSettings are the settings' only home: `settings.schema.json` beside the package, by which a
deployment checks them before anything is made, is written by
`python -m kit.contract.own_settings seismic.data.settings:TrainerSettings`.
"""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from kit.contract.own_settings import OwnSettings
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


class TrainerSettings(OwnSettings):
    """The settings of a survey. All may be left out."""

    title: ClassVar[str] = "trainer.settings of the seismic trainer"
    about: ClassVar[str] = (
        "How a survey is read, the bounds of its quality report, and what predicts; "
        "see docs/surveys.md and docs/serving.md."
    )
    example: ClassVar[str] = '{"inlineByte": 9, "crosslineByte": 21}'

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
