"""Finds the places of traces: inline and crossline numbers of trace headers, and the kind of survey."""

from itertools import combinations

import numpy as np

from seismic.data.errors import SurveyError
from seismic.data.segy.file import SurveyFile, pair_keys
from seismic.data.settings import KEY, TrainerSettings

GEOMETRY = np.dtype([("file", np.int32), ("trace", np.int32), ("inline", np.int32), ("crossline", np.int32)])
AREA, LINE, UNKNOWN = "3D", "2D", "unstructured"

# Other software stores line numbers in these fields. The usual pairs are first, the coordinates last.
USUAL_PAIRS = ((9, 21), (5, 21), (221, 225), (17, 13), (213, 217), (233, 237), (17, 21), (181, 185))
USUAL_BYTES = (5, 9, 17, 21, 73, 77, 81, 85, 181, 185, 189, 193, 197, 201, 205, 209, 213, 217, 221, 225, 229,
               233, 237)  # fmt: skip
# Two fields make an area if each has so many lines, and so large a share of their crossings has a trace.
FEWEST_LINES = 3
FILLED_SHARE = 0.5


def geometry_of(files: tuple[SurveyFile, ...], settings: TrainerSettings) -> tuple[np.ndarray, str]:
    """The places of a survey's traces, GEOMETRY (n_traces,), and "3D", "2D" or "unstructured"."""
    fields = _fields(files, settings.inline_byte, settings.crossline_byte, settings.cdp_byte)
    geometry = np.empty(len(fields), dtype=GEOMETRY)
    for number, file in enumerate(files):
        rows = slice(file.first, file.first + file.n_traces)
        geometry["file"][rows] = number
        geometry["trace"][rows] = np.arange(file.n_traces)
    geometry["inline"], geometry["crossline"], cdp = fields.T
    inlines, crosslines = np.unique(geometry["inline"]), np.unique(geometry["crossline"])
    pairs = np.unique(pair_keys(geometry["inline"], geometry["crossline"]))
    # A line with numbers in both fields has as many positions as numbers. An area has more positions.
    if len(pairs) > max(len(inlines), len(crosslines)):
        return geometry, AREA
    if len(pairs) > len(files) and len(pairs) > 1:
        return geometry, LINE
    if len(np.unique(cdp)) > 1:
        # A 2D line has its numbers in the CDP field. With the field here, labels.csv can name its traces too.
        geometry["crossline"] = cdp
        return geometry, LINE
    return geometry, UNKNOWN


def _fields(files: tuple[SurveyFile, ...], *first_bytes: int) -> np.ndarray:
    return np.concatenate([file.header_fields(*first_bytes) for file in files])


def require_known_lines(files: tuple[SurveyFile, ...], kind: str, settings: TrainerSettings) -> None:
    """Raise SurveyError if other header fields than the read ones make an area of the survey.

    Otherwise, neighbours of a training trace would be held out as if they were far away. No other field is
    taken instead: the settings must name it, or say that the read fields are right.
    """
    if kind == AREA or {"inline_byte", "crossline_byte", "cdp_byte"} & settings.model_fields_set:
        return
    if pairs := _areas(files):
        inline, crossline = pairs[0]
        several = "".join(f" and {one}/{other}" for one, other in pairs[1:] if (one, other) in USUAL_PAIRS)
        raise SurveyError(
            f"{files[0].path.parent}: the trace headers have no inlines and crosslines in bytes 189 and 193 "
            f"(the survey would count as {kind}), but bytes {inline}/{crossline}{several} make an area; "
            f"{KEY}.inlineByte: {inline} and {KEY}.crosslineByte: {crossline} say so, or 189 and 193 that "
            "there are none"
        )


def _areas(files: tuple[SurveyFile, ...]) -> list[tuple[int, int]]:
    """Pairs of fields with numbers that make an area. The usual pairs are first."""
    wanted = (*USUAL_BYTES, 13)
    fields = _fields(files, *wanted)
    # A running number has only one trace.
    lines = {byte: np.unique(column) for byte, column in zip(wanted, fields.T, strict=True)}
    lines = {byte: found for byte, found in lines.items() if FEWEST_LINES <= len(found) <= len(fields) // 2}
    column = dict(zip(wanted, fields.T, strict=True))
    if len(files) > 1 and all(
        np.ptp(column[189][file.first : file.first + file.n_traces]) == 0 for file in files
    ):
        # The files are lines with a number each in this field. Who fills it in like this has no crosslines.
        lines.pop(189, None)
    others = [pair for pair in combinations(USUAL_BYTES, 2) if pair not in USUAL_PAIRS]
    found = []
    for inline, crossline in (*USUAL_PAIRS, *others):
        if inline in lines and crossline in lines:
            places = len(np.unique(pair_keys(column[inline], column[crossline])))
            crossings = len(lines[inline]) * len(lines[crossline])
            if places > max(len(lines[inline]), len(lines[crossline])) and places >= FILLED_SHARE * crossings:
                found.append((inline, crossline))
    return found
