"""Finds the sample interval of a SEG-Y file. Its binary header and its traces may disagree."""

from pathlib import Path

from seismic.data.errors import SurveyError
from seismic.data.segy.header_fields import field, revision, trace_field
from seismic.data.settings import KEY, TrainerSettings

# Microseconds. All recorded surveys are between these values.
SHORTEST_INTERVAL, LONGEST_INTERVAL = 50, 20_000
# Two blanks in EBCDIC, and two in ASCII.
BLANKS = (0x4040, 0x2020)


def sample_interval(
    path: Path, binary: bytes, headers: list[bytes], mark: str, settings: TrainerSettings
) -> tuple[int, list[str]]:
    """The sample interval in microseconds, and notes. Raises SurveyError if it cannot be known.

    There is no default, because frequencies in Hz would be wrong, and nobody would see it.
    """
    if settings.sample_interval is not None:
        return settings.sample_interval, []
    stated = _filled(field(binary, mark + "H", 3217))
    traces = list(dict.fromkeys(_filled(trace_field(header, mark + "H", 117)) for header in headers))
    if not stated and not any(traces) and revision(binary) == 2:
        stated = _extended_interval(binary, mark)
    good = list(dict.fromkeys(value for value in (stated, *traces) if _plausible(value)))
    where = (
        f"{path}: the sample interval is {stated} in the binary header (bytes 3217-3218) and "
        f"{', '.join(map(str, traces))} in the traces (bytes 117-118)"
    )
    allowed = f"from {SHORTEST_INTERVAL} to {LONGEST_INTERVAL} microseconds"
    if len(good) == 1:
        odd = [value for value in (stated, *traces) if value not in (0, good[0])]
        return good[0], [f"{where}: {good[0]} microseconds is taken, the only one {allowed}"] if odd else []
    if good:
        raise SurveyError(
            f"{where}, and both are possible; {KEY}.sampleInterval says which one is right, in microseconds"
        )
    if not stated and not any(traces):
        raise SurveyError(
            f"{path}: the sample interval is 0 in the binary header (bytes 3217-3218) and in trace 1 (bytes "
            f"117-118); {KEY}.sampleInterval says it, in microseconds, e.g. 4000 for 4 ms"
        )
    raise SurveyError(
        f"{where}, and none is {allowed}; {KEY}.sampleInterval says the right one, in microseconds, e.g. "
        "4000 for 4 ms"
    )


def _filled(interval: int) -> int:
    """0 for blanks, which would otherwise be possible intervals."""
    return 0 if interval in BLANKS else interval


def _plausible(interval: int) -> bool:
    return SHORTEST_INTERVAL <= interval <= LONGEST_INTERVAL


def _extended_interval(binary: bytes, mark: str) -> int:
    """The interval of revision 2; 0 if there is none."""
    extended = field(binary, mark + "d", 3273)
    # This is also false for NaN. More than 1 s a sample is no seismic interval, but garbage.
    return round(extended) if 0.5 <= extended <= 1e6 else 0
