"""TRAINER_SETTINGS: how this trainer reads a survey, what it makes of its quality, and what predicts.

The fields of TrainerSettings are the settings' only home: `settings.schema.json` beside the package, by which
a deployment checks them before anything is made, is written by
`python -m kit.contract.own_settings seismic.data.settings:TrainerSettings`.
"""

import re
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from kit.contract.own_settings import OwnSettings
from seismic.data.classes import (
    MOST_CLASSES,
    NAME,
    NAME_EXPECTED,
    meant,
    same_but_for_spelling,
)
from seismic.data.formats import FORMAT_NAMES

# The key of the settings in a stack's configuration. Messages about a doubt name it.
KEY = "trainer.settings"

COLOUR = re.compile("#[0-9A-Fa-f]{6}")

# The largest float of four bytes. Amplitudes are stored in such floats.
LARGEST_FLOAT = 3.4028235e38


def _known(code: int) -> int:
    if code not in FORMAT_NAMES:
        raise PydanticCustomError("format", "one of {codes}", {"codes": ", ".join(map(str, FORMAT_NAMES))})
    return code


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


def _class_names(text: str) -> str:
    names = _listed(text)
    if not 2 <= len(names) <= MOST_CLASSES:
        expected = f"2 to {MOST_CLASSES} names of classes with commas between, such as salt, sand, shale"
    elif wrong := [name for name in names if not NAME.fullmatch(name)]:
        expected = f"names of {NAME_EXPECTED}, but one is {wrong[0]!r}"
    elif len(set(names)) < len(names):
        expected = "each class once"
    elif alike := same_but_for_spelling(names):
        expected = (
            f"classes that differ in more than case and spaces, but there are {alike[0]!r} and {alike[1]!r}"
        )
    else:
        return text
    raise PydanticCustomError("classes", "{expected}", {"expected": expected})


def _colours(text: str) -> str:
    pairs = [tuple(part.strip() for part in pair.split("=")) for pair in text.split(",")]
    for pair in pairs:
        if len(pair) != 2 or not NAME.fullmatch(pair[0]) or not COLOUR.fullmatch(pair[1]):
            expected = "pairs such as salt=#D55E00, sand=#0072B2: a class and its colour as #RRGGBB"
            break
    else:
        if len(dict(pairs)) == len(pairs):
            return text
        expected = "each class once"
    raise PydanticCustomError("colours", "{expected}", {"expected": expected})


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

    classes: Annotated[str, AfterValidator(_class_names)] = Field(
        None,
        description="The classes in their order, with commas between, such as normal, anomaly, boundary; no "
        "other label is allowed then. Without it, the labels decide, in alphabetical order",
        json_schema_extra={"pattern": "^[^,=]+(,[^,=]+)+$"},
    )
    class_colours: Annotated[str, AfterValidator(_colours)] = Field(
        None,
        description="Colours of classes in figures and on the status page, such as salt=#D55E00, "
        "sand=#0072B2; other classes get colours that colour-blind people can tell apart",
        json_schema_extra={"pattern": "^[^,=]+= *#[0-9A-Fa-f]{6} *(,[^,=]+= *#[0-9A-Fa-f]{6} *)*$"},
    )

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
    def class_names(self) -> tuple[str, ...]:
        """The classes that are allowed, in their order; empty if the labels decide."""
        return _listed(self.classes) if self.classes else ()

    @property
    def given_colours(self) -> dict[str, str]:
        """The given colours "#RRGGBB" by class."""
        pairs = (pair.split("=") for pair in _listed(self.class_colours or "") if pair)
        return {name.strip(): colour.strip() for name, colour in pairs}

    def doubts(self, classes: tuple[str, ...]) -> tuple[str, ...]:
        """A sentence for each colour of a class that a survey with these classes does not have."""
        unknown = [name for name in self.given_colours if name not in classes]
        said = f"; there are {', '.join(classes)}"
        return tuple(
            f"{KEY}.classColours: there is no class {name!r}{meant(name, classes)}{said}" for name in unknown
        )
