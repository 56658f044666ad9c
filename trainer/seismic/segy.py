"""What one SEG-Y file says about itself, checked before a single sample is read.

Byte numbers are those of the SEG-Y revision 1 standard: they count from 1.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import segyio

TEXT_BYTES = 3200
HEADER_BYTES = 3600
TRACE_HEADER_BYTES = 240
# Format code (bytes 3225-3226) -> bytes per sample. Those segyio converts; it would take the remaining
# codes (fixed point with gain, 24 bit) for IBM floats with no more than a warning.
FORMATS = {1: 4, 2: 4, 3: 2, 5: 4, 6: 8, 8: 1, 9: 8, 10: 4, 11: 2, 12: 8, 16: 1}
FORMAT_NAMES = {
    1: "IBM float", 2: "int32", 3: "int16", 5: "IEEE float", 6: "IEEE double", 8: "int8",
    9: "int64", 10: "uint32", 11: "uint16", 12: "uint64", 16: "uint8",
}  # fmt: skip
# Trace headers are gathered this many bytes at a time.
HEADER_BUFFER = 8 << 20


class SurveyError(Exception):
    """A user's data cannot be used: the message names the path, what was found there and what to do."""


@dataclass(frozen=True)
class SurveyFile:
    """One SEG-Y file of a survey.

    `first` is the survey-wide index of its first trace, `interval_us` the sample interval in
    microseconds, `format` the code of bytes 3225-3226, `endian` "big" or "little", `data_start` the
    offset of the first trace header in bytes.
    """

    path: Path
    first: int
    n_traces: int
    n_samples: int
    interval_us: int
    format: int
    endian: str
    data_start: int

    @property
    def trace_bytes(self) -> int:
        """Size of one trace with its header, in bytes."""
        return TRACE_HEADER_BYTES + self.n_samples * FORMATS[self.format]

    def open(self) -> segyio.SegyFile:
        """A new segyio handle; segyio's handles must not be shared between threads."""
        return segyio.open(str(self.path), ignore_geometry=True, strict=False, endian=self.endian)

    def header_fields(self, *first_bytes: int) -> np.ndarray:
        """Four-byte trace header fields that begin at these bytes.

        Returns int32 (n_traces, number of fields). Reads whole records in order: much faster than a
        seek per trace and field, and what it reads is then in the page cache for the samples.
        """
        out = np.empty((self.n_traces, len(first_bytes)), dtype=np.int32)
        kind = ">i4" if self.endian == "big" else "<i4"
        step = max(1, HEADER_BUFFER // self.trace_bytes)
        with open(self.path, "rb", buffering=0) as handle:
            handle.seek(self.data_start)
            for start in range(0, self.n_traces, step):
                stop = min(start + step, self.n_traces)
                raw = np.fromfile(handle, np.uint8, (stop - start) * self.trace_bytes)
                records = raw.reshape(stop - start, self.trace_bytes)
                for column, byte in enumerate(first_bytes):
                    field = np.ascontiguousarray(records[:, byte - 1 : byte + 3])
                    out[start:stop, column] = field.view(kind)[:, 0]
        return out


def find_files(folder: Path) -> list[Path]:
    """The *.sgy and *.segy files (any case) directly in a folder, by name.

    Raises SurveyError if the folder is missing, is no folder, or holds none.
    """
    if not folder.exists():
        raise SurveyError(f"{folder}: there is no such folder; give the folder that holds the SEG-Y files")
    if not folder.is_dir():
        raise SurveyError(f"{folder}: this is a file; give the folder that holds the SEG-Y files")
    paths = sorted(_segy_paths(folder), key=lambda path: path.name)
    if not paths:
        raise SurveyError(
            f"{folder}: no SEG-Y file was found in it; put one or more *.sgy or *.segy files there"
        )
    return paths


def _segy_paths(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        # macOS leaves "._name.sgy" beside files it copies to foreign disks.
        if path.suffix.lower() in (".sgy", ".segy") and path.is_file() and not path.name.startswith("."):
            yield path


def probe(path: Path, first: int = 0) -> SurveyFile:
    """Read a file's headers and check its size against them.

    Source: SEG-Y rev 1 (binary header), with rev 2's extended sample count as segyio reads it. Raises
    SurveyError if the file is not SEG-Y, is in a format that cannot be read, or is cut short.
    """
    size = path.stat().st_size
    if size < HEADER_BYTES + TRACE_HEADER_BYTES:
        raise SurveyError(
            f"{path}: not a SEG-Y file, or cut off: it has {size} bytes and the headers alone take "
            f"{HEADER_BYTES + TRACE_HEADER_BYTES}; copy it again, or remove it"
        )
    with path.open("rb") as handle:
        handle.seek(TEXT_BYTES)
        binary = handle.read(HEADER_BYTES - TEXT_BYTES)
        endian, mark = _endian(path, binary)
        code = _field(binary, mark + "h", 3225)
        n_samples = _samples(binary, mark)
        extended = _field(binary, mark + "h", 3505)
        if n_samples <= 0:
            raise SurveyError(
                f"{path}: the binary header gives 0 samples per trace (bytes 3221-3222); write the number "
                "of samples there"
            )
        if extended < 0:
            raise SurveyError(
                f"{path}: it has a variable number of extended textual headers (bytes 3505-3506 are "
                f"{extended}); rewrite it with their number there, or without them"
            )
        data_start = HEADER_BYTES + TEXT_BYTES * extended
        _refuse_new_layout(path, binary, mark, data_start)
        trace_bytes = TRACE_HEADER_BYTES + n_samples * FORMATS[code]
        n_traces, rest = divmod(size - data_start, trace_bytes)
        handle.seek(data_start)
        header = handle.read(TRACE_HEADER_BYTES)
    if rest or n_traces < 1:
        raise SurveyError(
            f"{path}: cut off, or its traces differ in length: by its header ({n_samples} samples, "
            f"format {code}) a trace takes {trace_bytes} bytes, and the file ends in trace "
            f"{max(n_traces, 0) + 1}, {rest} bytes into it; copy the file again, or write all its traces "
            f"with one length{_other_count(header, mark, n_samples)}"
        )
    interval = _interval(binary, header, mark)
    if not interval:
        # No default: frequencies in Hz would be wrong and nobody would see it.
        raise SurveyError(
            f"{path}: the sample interval is 0 in the binary header (bytes 3217-3218) and in trace 1 (bytes "
            "117-118); write it there in microseconds, e.g. 4000 for 4 ms"
        )
    file = SurveyFile(path, first, int(n_traces), n_samples, interval, code, endian, data_start)
    try:
        file.open().close()
    except (OSError, RuntimeError) as error:
        # It has its own idea of a few fields, such as the extended sample count of little-endian files.
        raise SurveyError(
            f"{path}: segyio cannot open it ({error}), although its size fits its headers; write it as "
            "SEG-Y revision 1, big-endian"
        ) from error
    return file


def _field(block: bytes, kind: str, byte: int, base: int = TEXT_BYTES + 1) -> int:
    return struct.unpack_from(kind, block, byte - base)[0]


def _endian(path: Path, binary: bytes) -> tuple[str, str]:
    # A format code is one byte's worth in two bytes, so in the wrong order it is at least 256.
    for endian, mark in (("big", ">"), ("little", "<")):
        if _field(binary, mark + "h", 3225) in FORMATS:
            return endian, mark
    big, little = _field(binary, ">h", 3225), _field(binary, "<h", 3225)
    code = min(big, little, key=abs)
    known = ", ".join(f"{key} ({name})" for key, name in FORMAT_NAMES.items())
    if 0 <= code <= 20:
        raise SurveyError(
            f"{path}: the sample format code is {code} (bytes 3225-3226), which cannot be read; write the "
            f"file in one of {known}"
        )
    raise SurveyError(
        f"{path}: not a SEG-Y file: bytes 3225-3226 are {big} (or {little} in the other byte order), where "
        f"one of the format codes {known} is expected; remove it or export it as SEG-Y"
    )


def _samples(binary: bytes, mark: str) -> int:
    samples = _field(binary, mark + "H", 3221)
    # Rev 2 keeps the count of long traces in bytes 3269-3272. Earlier files may hold anything there,
    # so it counts only where the other is empty or the revision says so (as in segyio).
    extended = _field(binary, mark + "i", 3269)
    if extended > 0 and (samples == 0 or _revision(binary) >= 2):
        return extended
    return samples


def _interval(binary: bytes, header: bytes, mark: str) -> int:
    """The sample interval in microseconds, 0 if none is given; `header` is that of the first trace."""
    interval = _field(binary, mark + "H", 3217) or _field(header, mark + "H", 117, base=1)
    if not interval and _revision(binary) >= 2:
        extended = _field(binary, mark + "d", 3273)
        # Also false for NaN. Beyond 1 s a sample it is no seismic interval but garbage.
        if 0.5 <= extended <= 1e6:
            return round(extended)
    return interval


def _other_count(header: bytes, mark: str, n_samples: int) -> str:
    """A hint, if the first trace's header does not have the binary header's number of samples."""
    count = _field(header, mark + "H", 115, base=1) if len(header) == TRACE_HEADER_BYTES else 0
    if count in (0, n_samples & 0xFFFF):
        return ""
    return f"; trace 1 itself gives {count} samples (bytes 115-116): if so, write that into bytes 3221-3222"


def _revision(binary: bytes) -> int:
    return binary[3501 - TEXT_BYTES - 1]


def _refuse_new_layout(path: Path, binary: bytes, mark: str, data_start: int) -> None:
    """Revision 2 may put more between traces than headers and samples, which segyio cannot read."""
    # Not "at least 2": files older than the revision number hold anything there.
    if _revision(binary) != 2:
        return
    headers = _field(binary, mark + "H", 3507)
    offset = _field(binary, mark + "q", 3521)
    trailers = _field(binary, mark + "i", 3529)
    for found, what in (
        (headers, f"{headers} additional trace headers (bytes 3507-3508)"),
        (offset not in (0, data_start), f"its first trace at byte {offset} (bytes 3521-3528)"),
        (trailers, f"{trailers} data trailers (bytes 3529-3532)"),
    ):
        if found:
            raise SurveyError(f"{path}: it has {what}, which cannot be read; write it as SEG-Y revision 1")


def pair_keys(inline: np.ndarray, crossline: np.ndarray) -> np.ndarray:
    """One int64 for each (inline, crossline)."""
    return (np.asarray(inline, np.int64) << 32) | (np.asarray(crossline, np.int64) & 0xFFFFFFFF)
