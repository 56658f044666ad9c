"""Files that cannot be read, or that change while they are read."""

import os
from pathlib import Path

import numpy as np
import pytest

from seismic.data.survey import Survey, SurveyError

TRACES = np.array([[0, 1, -2, 3], [100, -100, 7, 0], [1, 2, 3, 5]], dtype=np.float64)


def _truncated(folder: Path, keep: int) -> None:
    data = (folder / "grid.sgy").read_bytes()
    (folder / "grid.sgy").write_bytes(data[:keep])


def _patched(folder: Path, at: int, value: bytes) -> None:
    with (folder / "grid.sgy").open("r+b") as handle:
        handle.seek(at)
        handle.write(value)


# A trace of the grid takes 240 + 6 * 4 = 264 bytes.
BROKEN = {
    "cut in trace 4": (
        lambda folder: _truncated(folder, 3600 + 3 * 264 + 100),
        r"grid\.sgy.*trace 4, 100 by",
    ),
    "cut in its header": (
        lambda folder: _truncated(folder, 3600 + 19 * 264 + 5),
        r"grid\.sgy.*trace 20, 5 by",
    ),
    "cut in the file header": (
        lambda folder: _truncated(folder, 3000),
        r"grid\.sgy: not a SEG-Y.*3000 bytes",
    ),
    "no trace": (lambda folder: _truncated(folder, 3600), r"grid\.sgy: not a SEG-Y.*3600 bytes"),
    "empty": (lambda folder: _truncated(folder, 0), r"grid\.sgy: not a SEG-Y.*0 bytes"),
    "text": (
        lambda folder: (folder / "grid.sgy").write_text("inline,crossline,label\n" * 1000),
        r"grid\.sgy: not a SEG-Y file: bytes 3225",
    ),
    "unreadable format": (
        lambda folder: _patched(folder, 3224, b"\0\4"),
        r"format code is 4.*1 \(IBM float\)",
    ),
    "no format": (lambda folder: _patched(folder, 3224, b"\0\0"), r"format code is 0"),
    "no samples": (
        lambda folder: [_patched(folder, at, b"\0\0") for at in (3220, 3714)],
        r"grid\.sgy.*0 samples",
    ),
    "other length": (
        lambda folder: [_patched(folder, at, b"\0\7") for at in (3220, 3714)],
        r"grid\.sgy: cut off, or its traces differ",
    ),
    "variable headers": (lambda folder: _patched(folder, 3504, b"\xff\xff"), r"3505-3506 are -1"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_with_a_file_is_said(grid, name):
    spoil, message = BROKEN[name]
    spoil(grid)
    with pytest.raises(SurveyError, match=message):
        Survey.open(grid)


def test_no_interval_anywhere(tmp_path, write_segy):
    write_segy(tmp_path / "a.sgy", TRACES, interval_us=0)
    with pytest.raises(SurveyError, match=r"a\.sgy: the sample interval is 0"):
        Survey.open(tmp_path)


@pytest.mark.parametrize("other", [{"interval_us": 2000}, {"samples": 3}])
def test_files_that_differ_are_both_named(tmp_path, write_segy, other):
    write_segy(tmp_path / "a.sgy", TRACES)
    write_segy(
        tmp_path / "b.sgy", TRACES[:, : other.get("samples", 4)], interval_us=other.get("interval_us", 4000)
    )
    with pytest.raises(SurveyError, match=r"a\.sgy has 4.*b\.sgy has [23]"):
        Survey.open(tmp_path)


def test_missing_and_empty_folders(tmp_path):
    with pytest.raises(SurveyError, match="nowhere: there is no such folder"):
        Survey.open(tmp_path / "nowhere")
    with pytest.raises(SurveyError, match=r"no SEG-Y file.*\.sgy or"):
        Survey.open(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(SurveyError, match="this is a file"):
        Survey.open(tmp_path / "file")


def test_a_file_that_shrinks_while_it_is_read(grid):
    survey = Survey.open(grid)
    survey.read(np.array([0]))
    _truncated(grid, 3600 + 5 * 264)
    with pytest.raises(SurveyError, match=r"grid\.sgy: traces 1 to 20 .* become shorter while it was read"):
        survey.read(np.arange(20))
    with pytest.raises(SurveyError, match=r"grid\.sgy: it has changed .*8880 bytes before, 4920 now"):
        survey.read(np.arange(3))


@pytest.mark.parametrize("name", ["grid.sgy", "labels.csv"])
@pytest.mark.parametrize("change", ["grows", "is rewritten"])
def test_a_survey_that_changes_while_it_is_read(grid, name, change):
    survey = Survey.open(grid)
    survey.read(np.arange(20))
    path = grid / name
    if change == "grows":
        with path.open("ab") as handle:
            handle.write(b"\n" * 264)
    else:
        content, stat = path.read_bytes(), path.stat()
        path.write_bytes(content)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    with pytest.raises(SurveyError, match=rf"{name}: it has changed while it was read .*try again"):
        _ = survey.sha256
    if name == "grid.sgy":
        with pytest.raises(SurveyError, match="it has changed while it was read"):
            survey.read(np.arange(20))
