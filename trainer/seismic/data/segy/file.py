"""One SEG-Y file and its traces. Its headers are checked before a single sample is read.

Byte numbers are those of the SEG-Y revision 1 standard, and begin with 1.
"""

import os
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path

import numpy as np

from seismic.data.errors import SurveyError, printable, reading
from seismic.data.formats import FORMAT_NAMES, FORMATS
from seismic.data.segy.header_fields import MARKS, TRACE_HEADER_BYTES
from seismic.data.segy.headers import Layout, layout
from seismic.data.segy.samples import decode, unlikely
from seismic.data.settings import KEY, TrainerSettings

__all__ = ["SurveyError", "SurveyFile", "pair_keys", "probe"]

# The number of bytes of trace headers that are read at a time.
HEADER_BUFFER = 8 << 20
# The number of traces, and of samples of each, that show a file's sample format.
LOOKED_AT, LOOKED_AT_SAMPLES = 32, 4096
# Fields of two bytes in the standard. All other fields have four bytes, as far as the header goes.
SHORT_FIELDS = (range(29, 37), range(69, 73), range(89, 181), range(238, 240))


@dataclass(frozen=True)
class SurveyFile(Layout):
    """One SEG-Y file of a survey.

    `first` is the survey-wide index of its first trace. `stamp` has the size and the time of change (ns) from
    when it was opened.
    """

    path: Path
    first: int
    stamp: tuple[int, int] = field(repr=False)

    @property
    def name(self) -> str:
        """The file's name, in characters that can be written everywhere."""
        return printable(self.path.name)

    @property
    def trace_bytes(self) -> int:
        """Size of one trace with its header, in bytes."""
        return TRACE_HEADER_BYTES + self.n_samples * FORMATS[self.format]

    def open(self) -> FileIO:
        """A handle for `samples`. Threads must not share it."""
        return open(self.path, "rb", buffering=0)

    def samples(self, handle: FileIO, start: int, stop: int) -> np.ndarray:
        """The samples of traces `start` to `stop` of this file, (stop - start, n_samples), see `decode`.

        Raises SurveyError if the file has changed, OSError if it cannot be read.
        """
        return decode(self._raw_samples(handle, start, stop), self.format, self.endian)

    def _raw_samples(self, handle: FileIO, start: int, stop: int) -> np.ndarray:
        return np.ascontiguousarray(self._records(handle, start, stop)[:, TRACE_HEADER_BYTES:])

    def _records(self, handle: FileIO, start: int, stop: int) -> np.ndarray:
        """Whole traces, uint8 (stop - start, trace_bytes)."""
        records = np.empty((stop - start, self.trace_bytes), np.uint8)
        handle.seek(self.data_start + start * self.trace_bytes)
        # One call reads at most 2 GiB.
        rest = memoryview(records).cast("B")
        while rest and (count := handle.readinto(rest)):
            rest = rest[count:]
        if rest:
            raise SurveyError(
                f"{self.path}: traces {start + 1} to {stop} cannot be read any more: it has become shorter "
                "while it was read; wait until it is copied, and try again"
            )
        self.require_unchanged()
        return records

    def require_unchanged(self) -> None:
        """Raise SurveyError if the file has changed since it was opened."""
        require_unchanged(self.path, self.stamp)

    def header_fields(self, *first_bytes: int) -> np.ndarray:
        """Trace header fields that begin at these bytes.

        They have four bytes, or two if they are in SHORT_FIELDS.

        Returns int32 (n_traces, number of fields). It reads whole records in order. That is much faster than
        a seek per trace and field, and afterwards the page cache has the samples.
        """
        out = np.empty((self.n_traces, len(first_bytes)), dtype=np.int32)
        step = max(1, HEADER_BUFFER // self.trace_bytes)
        with reading(self.path), self.open() as handle:
            for start in range(0, self.n_traces, step):
                stop = min(start + step, self.n_traces)
                records = self._records(handle, start, stop)
                for column, byte in enumerate(first_bytes):
                    width = 2 if any(byte in short for short in SHORT_FIELDS) else 4
                    found = np.ascontiguousarray(records[:, byte - 1 : byte - 1 + width])
                    out[start:stop, column] = found.view(f"{MARKS[self.endian]}i{width}")[:, 0]
        return out


def probe(path: Path, first: int = 0, settings: TrainerSettings | None = None) -> SurveyFile:
    """Read a file's headers, and compare them with its size. Compare its sample format with its samples.

    Raises SurveyError if the file is not SEG-Y, has an unknown format, or is cut short. Also raises it if the
    file can be read in several ways and the settings do not choose one.
    """
    settings = settings or TrainerSettings()
    with reading(path), open(path, "rb", buffering=0) as handle:
        stat = os.fstat(handle.fileno())

        def peek(offset: int, count: int) -> bytes:
            return os.pread(handle.fileno(), count, offset)

        found = layout(path, stat.st_size, peek, settings)
        stamp = (stat.st_size, stat.st_mtime_ns)
        file = SurveyFile(**vars(found), path=path, first=first, stamp=stamp)
        if settings.sample_format is None:
            _check_format(file, handle)
    return file


def _check_format(file: SurveyFile, handle: FileIO) -> None:
    places = np.unique(np.linspace(0, file.n_traces - 1, LOOKED_AT).round().astype(int)).tolist()
    width = FORMATS[file.format] * min(file.n_samples, LOOKED_AT_SAMPLES)
    raw = np.concatenate([file._raw_samples(handle, place, place + 1)[:, :width] for place in places])
    if reason := unlikely(raw, file.format, file.endian):
        raise SurveyError(
            f"{file.path}: the samples are declared as {FORMAT_NAMES[file.format]} (bytes 3225-3226 are "
            f"{file.format}), and {reason}; {KEY}.sampleFormat says which format it is, {file.format} "
            "included"
        )


def stamp_of(path: Path) -> tuple[int, int]:
    """Size and time of change (ns) of a file. They show whether its content has changed."""
    stat = os.stat(path)
    return stat.st_size, stat.st_mtime_ns


def require_unchanged(path: Path, stamp: tuple[int, int]) -> None:
    """Raise SurveyError if a file has changed."""
    with reading(path):
        size, _ = now = stamp_of(path)
    if now != stamp:
        change = f"{stamp[0]} bytes before, {size} now" if size != stamp[0] else "written to"
        raise SurveyError(
            f"{path}: it has changed while it was read ({change}); wait until it is copied, and try again"
        )


def pair_keys(inline: np.ndarray, crossline: np.ndarray) -> np.ndarray:
    """One int64 for each (inline, crossline)."""
    return (np.asarray(inline, np.int64) << 32) | (np.asarray(crossline, np.int64) & 0xFFFFFFFF)
