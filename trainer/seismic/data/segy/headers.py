"""Reads a SEG-Y file's headers, as far as they can be believed.

Old files have blanks or other content in fields that their standard did not know, and programs write wrong
values. So a field counts only if the file's size, or another field, confirms it. If a doubt remains, the file
is refused, and the message names the setting that ends the doubt. Byte numbers are the standard's, and begin
with 1.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seismic.data.errors import SurveyError
from seismic.data.formats import FORMAT_NAMES, FORMATS
from seismic.data.segy.header_fields import (
    HEADER_BYTES,
    MARKS,
    TEXT_BYTES,
    TRACE_HEADER_BYTES,
    field,
    revision,
    trace_field,
)
from seismic.data.segy.intervals import sample_interval
from seismic.data.settings import KEY, TrainerSettings

type Peek = Callable[[int, int], bytes]


@dataclass(frozen=True)
class Layout:
    """Where a file's samples are, and how to read them.

    `interval_us` is the sample interval in microseconds. `format` is the code of bytes 3225-3226. `endian` is
    "big" or "little". `data_start` is the offset of the first trace header in bytes. `notes` has the header
    values that were not believed.
    """

    n_traces: int
    n_samples: int
    interval_us: int
    format: int
    endian: str
    data_start: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Fit:
    """A reading of the headers that the file's size confirms. `source` has the bytes of the sample count."""

    endian: str
    data_start: int
    n_samples: int
    n_traces: int
    source: str
    regular: bool


def layout(path: Path, size: int, peek: Peek, settings: TrainerSettings) -> Layout:
    """Read the headers of a file of `size` bytes. `peek(offset, count)` gives some of its bytes.

    Source: SEG-Y rev 1 (binary header), with the extended sample count and interval of rev 2. Raises
    SurveyError if the file is not SEG-Y, has an unknown format, is cut short, or can be read in several ways.
    """
    if size < HEADER_BYTES + TRACE_HEADER_BYTES:
        raise SurveyError(
            f"{path}: not a SEG-Y file, or cut off: it has {size} bytes and the headers alone take "
            f"{HEADER_BYTES + TRACE_HEADER_BYTES}; copy it again, or remove it"
        )
    binary = peek(TEXT_BYTES, HEADER_BYTES - TEXT_BYTES)
    code, endians = _format(path, binary, settings)
    extended = field(binary, MARKS[endians[0]] + "h", 3505)
    if revision(binary) in (1, 2) and extended < 0:
        raise SurveyError(
            f"{path}: it has a variable number of extended textual headers (bytes 3505-3506 are {extended}); "
            "rewrite it with their number there, or without them"
        )
    fit = _fit(path, binary, size, peek, code, endians)
    mark = MARKS[fit.endian]
    _refuse_new_layout(path, binary, mark, fit.data_start)
    headers = list(_some_headers(peek, fit, code))
    interval, notes = sample_interval(path, binary, headers, mark, settings)
    if revision(binary) in (1, 2) and fit.data_start != HEADER_BYTES + TEXT_BYTES * extended:
        notes.append(
            f"{path}: by the file's size there are none of the {extended} extended textual headers that the "
            "binary header tells of (bytes 3505-3506)"
        )
    if fit.source == "trace":
        stated = field(binary, mark + "H", 3221)
        notes.append(
            f"{path}: the binary header gives {stated} samples per trace (bytes 3221-3222); by the file's "
            f"size it is the {fit.n_samples} of its traces (bytes 115-116)"
        )
    return Layout(fit.n_traces, fit.n_samples, interval, code, fit.endian, fit.data_start, tuple(notes))


def _format(path: Path, binary: bytes, settings: TrainerSettings) -> tuple[int, list[str]]:
    """The format code, and the possible byte orders."""
    # A format code is less than 256 in two bytes, so in the wrong order it is at least 256.
    endians = [endian for endian, mark in MARKS.items() if field(binary, mark + "h", 3225) in FORMATS]
    if settings.sample_format is not None:
        return settings.sample_format, endians or list(MARKS)
    if endians:
        return field(binary, MARKS[endians[0]] + "h", 3225), endians
    big, little = field(binary, ">h", 3225), field(binary, "<h", 3225)
    code = min(big, little, key=abs)
    known = ", ".join(f"{key} ({name})" for key, name in FORMAT_NAMES.items())
    settle = f"where it is none the less, {KEY}.sampleFormat says of which format it is"
    if 0 <= code <= 20:
        raise SurveyError(
            f"{path}: the sample format code is {code} (bytes 3225-3226), which cannot be read; write the "
            f"file in one of {known}; {settle}"
        )
    raise SurveyError(
        f"{path}: not a SEG-Y file: bytes 3225-3226 are {big} (or {little} in the other byte order), where "
        f"one of the format codes {known} is expected; remove it or export it as SEG-Y; {settle}"
    )


def _fit(path: Path, binary: bytes, size: int, peek: Peek, code: int, endians: list[str]) -> _Fit:
    """The only reading of the counts that the file's size confirms.

    Raises SurveyError for none or several.
    """
    fits = list(_fits(binary, size, peek, code, endians))
    if regular := [fit for fit in fits if fit.regular]:
        fits = regular
    if not fits:
        raise _cut_off(path, binary, size, peek, code, MARKS[endians[0]])
    counts = sorted({fit.n_samples for fit in fits})
    if len(counts) > 1:
        raise SurveyError(
            f"{path}: the binary header gives {field(binary, MARKS[fits[0].endian] + 'H', 3221)} samples "
            f"per trace (bytes 3221-3222), trace 1 another number (bytes 115-116), and the file's size fits "
            f"{' and '.join(map(str, counts))}; write the right number into both"
        )
    return fits[0]


def _fits(binary: bytes, size: int, peek: Peek, code: int, endians: list[str]) -> Iterator[_Fit]:
    for endian in endians:
        mark = MARKS[endian]
        extended = max(field(binary, mark + "h", 3505), 0)
        # Begin with the stated counts, because they are meant if several readings fit.
        for start in dict.fromkeys((HEADER_BYTES + TEXT_BYTES * extended, HEADER_BYTES)):
            if start + TRACE_HEADER_BYTES > size:
                continue
            header = peek(start, TRACE_HEADER_BYTES)
            counts = [(count, "binary") for count in _counts(binary, mark)]
            counts.append((trace_field(header, mark + "H", 115), "trace"))
            for count, source in counts:
                trace_bytes = TRACE_HEADER_BYTES + count * FORMATS[code]
                n_traces, rest = divmod(size - start, trace_bytes)
                if count > 0 and n_traces > 0 and not rest:
                    fit = _Fit(endian, start, count, int(n_traces), source, False)
                    alike = {one[114:118] for one in _some_headers(peek, fit, code)}
                    yield _Fit(endian, start, count, int(n_traces), source, len(alike) == 1)


def _counts(binary: bytes, mark: str) -> list[int]:
    """The possible numbers of samples per trace in the binary header."""
    samples = field(binary, mark + "H", 3221)
    # Rev 2 has the count of long traces in bytes 3269-3272. In earlier files these bytes may hold anything.
    extended = field(binary, mark + "i", 3269)
    if extended > 0 and revision(binary) == 2:
        return [extended, samples]
    return [samples or max(extended, 0)]


def _some_headers(peek: Peek, fit: _Fit, code: int) -> Iterator[bytes]:
    """The headers of the first two traces, of the middle one and of the last one."""
    trace_bytes = TRACE_HEADER_BYTES + fit.n_samples * FORMATS[code]
    for trace in sorted({0, min(1, fit.n_traces - 1), fit.n_traces // 2, fit.n_traces - 1}):
        yield peek(fit.data_start + trace * trace_bytes, TRACE_HEADER_BYTES)


def _cut_off(path: Path, binary: bytes, size: int, peek: Peek, code: int, mark: str) -> SurveyError:
    """Why no reading of the counts fits the file's size."""
    extended = max(field(binary, mark + "h", 3505), 0)
    start = HEADER_BYTES + TEXT_BYTES * extended
    start = start if start + TRACE_HEADER_BYTES <= size else HEADER_BYTES
    n_samples = _counts(binary, mark)[0]
    told = trace_field(peek(start, TRACE_HEADER_BYTES), mark + "H", 115)
    if n_samples <= 0:
        also = f", and the {told} of trace 1 (bytes 115-116) do not fit the file's size" if told else ""
        return SurveyError(
            f"{path}: the binary header gives 0 samples per trace (bytes 3221-3222){also}; write the number "
            "of samples there"
        )
    trace_bytes = TRACE_HEADER_BYTES + n_samples * FORMATS[code]
    n_traces, rest = divmod(size - start, trace_bytes)
    hint = ""
    if told not in (0, n_samples & 0xFFFF):
        hint = f"; trace 1 itself gives {told} samples (bytes 115-116), which does not fit either"
    for width in sorted(set(FORMATS.values()) - {FORMATS[code]}):
        if not (size - start) % (TRACE_HEADER_BYTES + n_samples * width):
            codes = ", ".join(str(one) for one, bytes_ in FORMATS.items() if bytes_ == width)
            hint += f"; samples of {width} bytes would fit: {KEY}.sampleFormat (one of {codes}) says so"
    return SurveyError(
        f"{path}: cut off, or its traces differ in length: by its header ({n_samples} samples, format "
        f"{code}) a trace takes {trace_bytes} bytes, and the file ends in trace {max(n_traces, 0) + 1}, "
        f"{rest} bytes into it; copy the file again, or write all its traces with one length{hint}"
    )


def _refuse_new_layout(path: Path, binary: bytes, mark: str, data_start: int) -> None:
    """Refuse a layout of revision 2 with more than headers and samples between traces."""
    if revision(binary) != 2:
        return
    headers = field(binary, mark + "H", 3507)
    offset = field(binary, mark + "q", 3521)
    trailers = field(binary, mark + "i", 3529)
    for found, what in (
        (headers, f"{headers} additional trace headers (bytes 3507-3508)"),
        (offset not in (0, data_start), f"its first trace at byte {offset} (bytes 3521-3528)"),
        (trailers, f"{trailers} data trailers (bytes 3529-3532)"),
    ):
        if found:
            raise SurveyError(f"{path}: it has {what}, which cannot be read; write it as SEG-Y revision 1")
