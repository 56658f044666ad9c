"""Traces of the environment's survey, in the form that the browser draws."""

import asyncio
import base64
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kit.server.errors import RequestError
from seismic.data.errors import SurveyError, printable
from seismic.data.settings import TrainerSettings

# The import brings pandas and its memory, which a page without a survey does not need.
if TYPE_CHECKING:
    from seismic.data.survey import Survey

# Traces in one answer. A screen has hardly more columns for them.
LINE_TRACES = 600
# Samples in one answer, 4 bytes each. A trace may have 65,535.
MOST_SAMPLES = 4_000_000
# Threads that read. A disk that hangs blocks only these.
READERS = 2
READ_SECONDS = 30.0
NOT_MOUNTED = "no survey is mounted: DATA_DIR is not given"


class Traces:
    """The survey in a folder. It is opened at the first question, and again after its files have changed.

    Every method raises RequestError: 503 if no survey can be read, 404 for a line or a trace that it does not
    have.
    """

    def __init__(self, folder: Path | None, settings: TrainerSettings) -> None:
        self._folder = folder
        self._settings = settings
        self._opened: Opened | None = None
        self._opening: asyncio.Future[Opened] | None = None
        self._threads = ThreadPoolExecutor(READERS, "survey")

    async def summary(self) -> dict[str, Any]:
        """The survey in numbers."""
        survey = await self._survey()
        return {
            **_shape(survey),
            "files": [file.name for file in survey.files],
            "inline": _extent(survey.geometry["inline"]),
            "crossline": _extent(survey.geometry["crossline"]),
            "traces": survey.n_traces,
            "labelled": int((survey.labels >= 0).sum()),
            "classes": list(survey.classes),
        }

    async def line(self, inline: int | None, start: int) -> dict[str, Any]:
        """Neighbouring traces of an inline or of the survey, from trace `start` on.

        Both count from 0. There are at most LINE_TRACES. `total` has the number of all.
        """
        survey = await self._survey()
        rows = np.arange(survey.n_traces) if inline is None else _rows_of(survey, inline)
        if not 0 <= start < len(rows):
            raise _missing("start", f"expected a number from 0 to {len(rows) - 1}, got {start}")
        chosen = rows[start : start + most_traces(survey, LINE_TRACES)]
        return {**await self._read(survey, chosen), "start": start, "total": len(rows)}

    async def trace(self, index: int | None, inline: int | None, crossline: int | None) -> dict[str, Any]:
        """One trace, by its number in the survey from 0, or by its lines.

        `start` is its place in its inline, for `line`. In a survey without lines, it is its place in the
        survey.
        """
        survey = await self._survey()
        if index is None:
            if inline is None or crossline is None:
                raise RequestError(422, "invalid_input", "index", "give index, or inline and crossline")
            rows = _rows_of(survey, inline)
            found = rows[survey.geometry["crossline"][rows] == crossline]
            if not len(found):
                raise _missing("crossline", f"inline {inline} has no crossline {crossline}")
            index = int(found[0])
        elif not 0 <= index < survey.n_traces:
            raise _missing("index", f"expected a number from 0 to {survey.n_traces - 1}, got {index}")
        start = index
        if survey.geometry_kind == "3D":
            start = int(np.flatnonzero(_rows_of(survey, survey.geometry["inline"][index]) == index)[0])
        return {**await self._read(survey, np.array([index])), "start": start}

    async def _read(self, survey: "Survey", rows: np.ndarray) -> dict[str, Any]:
        with _readable():
            async with asyncio.timeout(READ_SECONDS):
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._threads, encoded, survey, rows)

    async def _survey(self) -> "Survey":
        if self._folder is None:
            raise _unavailable(NOT_MOUNTED)
        with _readable():
            # A large survey may take longer to open than a request may last. The next request waits for the
            # same opening.
            if self._opening is None or self._opening.done():
                self._opening = asyncio.get_running_loop().run_in_executor(
                    self._threads, _reopened, self._folder, self._settings, self._opened
                )
            async with asyncio.timeout(READ_SECONDS):
                self._opened = await asyncio.shield(self._opening)
            return self._opened.survey


@dataclass(frozen=True)
class Opened:
    """A survey, and the stamp of its files from when it was opened."""

    survey: "Survey"
    stamp: tuple


@contextmanager
def _readable() -> Iterator[None]:
    """Turns an error of a survey into a 503."""
    try:
        yield
    except TimeoutError:
        raise _unavailable(f"not read within {READ_SECONDS:.0f} s; try again") from None
    except (SurveyError, OSError) as error:
        raise _unavailable(printable(str(error))) from error


def _reopened(folder: Path, settings: TrainerSettings, before: Opened | None) -> Opened:
    from seismic.data.survey import Survey

    stamp = _stamp_of(folder)
    if before is not None and stamp == before.stamp:
        return before
    return Opened(Survey.open(folder, settings, labelled=False), stamp)


def _stamp_of(folder: Path) -> tuple:
    """Changes when the survey changes."""
    files = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    return tuple((path.name, stat.st_size, stat.st_mtime_ns) for path in files if (stat := path.stat()))


def _shape(survey: "Survey") -> dict[str, Any]:
    return {
        "kind": survey.geometry_kind,
        "samples": survey.n_samples,
        "interval_us": survey.interval_us,
    }


def encoded(survey: "Survey", rows: np.ndarray) -> dict[str, Any]:
    """Traces with their numbers and labels. `data` is base64 of little-endian float32, one after another."""
    places, labels = survey.geometry[rows], survey.labels[rows]
    return {
        **_shape(survey),
        "index": rows.tolist(),
        "inline": places["inline"].tolist(),
        "crossline": places["crossline"].tolist(),
        "trace": (places["trace"] + 1).tolist(),
        "labels": [survey.classes[label] if label >= 0 else None for label in labels.tolist()],
        "data": base64.b64encode(survey.read(rows).astype("<f4").tobytes()).decode(),
    }


def _extent(values: np.ndarray) -> dict[str, int]:
    """First, last, and the common step."""
    distinct = np.unique(values).astype(np.int64)
    step = math.gcd(*np.diff(distinct).tolist()) if len(distinct) > 1 else 1
    return {"min": int(distinct[0]), "max": int(distinct[-1]), "step": step, "count": len(distinct)}


def _rows_of(survey: "Survey", inline: int) -> np.ndarray:
    """The rows of an inline, by crossline."""
    inlines = survey.geometry["inline"]
    rows = np.flatnonzero(inlines == inline)
    if not len(rows):
        nearest = int(inlines[np.argmin(np.abs(inlines.astype(np.int64) - inline))])
        raise _missing("inline", f"there is no inline {inline}; the nearest is {nearest}")
    return rows[np.argsort(survey.geometry["crossline"][rows], kind="stable")]


def most_traces(survey: "Survey", traces: int) -> int:
    """The number of traces in one answer. There are fewer if they are long."""
    return max(1, min(traces, MOST_SAMPLES // survey.n_samples))


def _missing(field: str, message: str) -> RequestError:
    return RequestError(404, "not_found", field, message)


def _unavailable(message: str) -> RequestError:
    return RequestError(503, "no_survey", "survey", message)
