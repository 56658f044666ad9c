import base64
import tempfile
from pathlib import Path

import numpy as np
import pytest

from seismic.data.survey import Survey
from seismic.status import surveys, uploads

from .conftest import Caller

RAW = {"content-type": "application/octet-stream"}


@pytest.fixture
def demo(make, demo_folder):
    return Caller(make(DATA_DIR=str(demo_folder)))


def samples(answer):
    content = answer.json()
    flat = np.frombuffer(base64.b64decode(content["data"]), "<f4")
    return flat.reshape(len(content["index"]), content["samples"])


def test_the_survey_in_numbers(demo):
    summary = demo.get("/status/view/survey").json()

    assert summary == {
        "kind": "3D", "samples": 120, "interval_us": 4000, "files": ["demo.sgy"], "traces": 2400,
        "inline": {"min": 1, "max": 40, "step": 1, "count": 40},
        "crossline": {"min": 1, "max": 60, "step": 1, "count": 60},
        "labelled": summary["labelled"], "classes": ["anomaly", "boundary", "normal"],
    }  # fmt: skip
    assert 2000 < summary["labelled"] < 2400


def test_a_line_has_its_traces_exactly(demo, demo_folder):
    survey = Survey.open(demo_folder)
    rows = np.flatnonzero(survey.geometry["inline"] == 7)

    answer = demo.get("/status/view/survey/line?inline=7")

    line = answer.json()
    assert line["index"] == rows.tolist()
    assert line["inline"] == [7] * 60
    assert line["crossline"] == list(range(1, 61))
    assert (line["start"], line["total"]) == (0, 60)
    assert line["labels"] == [survey.classes[label] if label >= 0 else None for label in survey.labels[rows]]
    np.testing.assert_array_equal(samples(answer), survey.read(rows))


def test_a_part_of_a_line_and_of_a_survey(demo, demo_folder, monkeypatch):
    monkeypatch.setattr(surveys, "LINE_TRACES", 25)
    line = demo.get("/status/view/survey/line?inline=7&start=50").json()
    assert (line["crossline"], line["start"], line["total"]) == (list(range(51, 61)), 50, 60)
    assert demo.get("/status/view/survey/line?inline=7").json()["crossline"] == list(range(1, 26))
    part = demo.get("/status/view/survey/line?start=100").json()
    assert (part["index"], part["total"]) == (list(range(100, 125)), 2400)
    monkeypatch.setattr(surveys, "MOST_SAMPLES", 500)
    assert len(demo.get("/status/view/survey/line?inline=7").json()["index"]) == 4  # of 120 samples


def test_a_trace_by_number_and_by_lines(demo, demo_folder):
    survey = Survey.open(demo_folder)
    by_number = demo.get("/status/view/survey/trace?index=1234")
    place = survey.geometry[1234]
    lines = f"inline={place['inline']}&crossline={place['crossline']}"

    by_lines = demo.get(f"/status/view/survey/trace?{lines}")

    assert by_number.json() == by_lines.json()
    np.testing.assert_array_equal(samples(by_lines), survey.read([1234]))
    line = demo.get(f"/status/view/survey/line?inline={place['inline']}").json()
    assert line["index"][by_lines.json()["start"]] == 1234


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("line?inline=99", 404, "there is no inline 99; the nearest is 40"),
        ("line?inline=7&start=60", 404, "expected a number from 0 to 59, got 60"),
        ("line?start=-1", 404, "expected a number from 0 to 2399, got -1"),
        ("line?inline=x", 422, "expected a whole number, got 'x'"),
        ("line?start=99999999999999999999", 422, "expected a whole number"),
        ("trace?index=2400", 404, "expected a number from 0 to 2399, got 2400"),
        ("trace?index=-1", 404, "expected a number from 0 to 2399, got -1"),
        ("trace?inline=7", 422, "give index, or inline and crossline"),
        ("trace?inline=7&crossline=61", 404, "inline 7 has no crossline 61"),
        ("trace", 422, "give index, or inline and crossline"),
    ],
)
def test_traces_that_are_not_there_are_told_in_words(demo, path, status, message):
    answer = demo.get(f"/status/view/survey/{path}")

    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]


def test_a_line_is_in_order_of_its_crosslines(make, tmp_path, write_segy):
    traces = np.arange(24, dtype=np.float32).reshape(6, 4)
    write_segy(tmp_path / "a.sgy", traces, inlines=[5, 6, 5, 6, 5, 6], crosslines=[9, 9, 3, 3, 6, 6])

    answer = Caller(make(DATA_DIR=str(tmp_path))).get("/status/view/survey/line?inline=5")

    assert answer.json()["crossline"] == [3, 6, 9]
    np.testing.assert_array_equal(samples(answer), traces[[2, 4, 0]])
    assert answer.json()["labels"] == [None, None, None]


def test_a_survey_without_lines_has_numbered_traces(make, tmp_path, write_segy):
    traces = np.full((5, 4), np.nan, dtype=np.float32)
    write_segy(tmp_path / "a.sgy", traces)
    caller = Caller(make(DATA_DIR=str(tmp_path)))

    assert caller.get("/status/view/survey").json()["kind"] == "unstructured"
    answer = caller.get("/status/view/survey/line?start=2")
    assert answer.json()["trace"] == [3, 4, 5]
    assert np.isnan(samples(answer)).all()
    assert caller.get("/status/view/survey/trace?index=4").json()["start"] == 4


def test_a_survey_that_changes_is_read_anew(make, tmp_path, write_segy):
    write_segy(tmp_path / "a.sgy", np.ones((5, 4), dtype=np.float32))
    caller = Caller(make(DATA_DIR=str(tmp_path)))
    assert caller.get("/status/view/survey").json()["traces"] == 5
    write_segy(tmp_path / "a.sgy", np.ones((7, 4), dtype=np.float32))
    assert caller.get("/status/view/survey").json()["traces"] == 7
    (tmp_path / "a.sgy").unlink()
    assert caller.get("/status/view/survey").status_code == 503


@pytest.mark.parametrize("path", ["", "/line", "/trace?index=0"])
def test_no_survey_is_told_and_nothing_else_breaks(make, tmp_path, path):
    (tmp_path / "broken.sgy").write_bytes(b"no survey")
    for folder, reason in (
        ("", "no survey is mounted"),
        (str(tmp_path / "missing"), "there is no such folder"),
        (str(tmp_path), "not a SEG-Y file"),
    ):
        caller = Caller(make(DATA_DIR=folder))
        answer = caller.get(f"/status/view/survey{path}")
        assert answer.status_code == 503
        assert reason in answer.json()["error"]["message"]
        assert caller.get("/status/data").status_code == 200


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder of uploads. It is empty again after each request."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def segy(write_segy, folder, traces, **options):
    return write_segy(folder / "mine.sgy", traces, **options).read_bytes()


@pytest.mark.usefixtures("temporary")
def test_a_file_comes_back_as_traces(caller, tmp_path, write_segy):
    traces = np.random.default_rng(1).normal(size=(6, 50)).astype(np.float32)
    content = segy(write_segy, tmp_path, traces, inlines=[4] * 6, crosslines=range(10, 16), interval_us=2000)

    answer = caller.request("POST", "/status/view/segy", content=content, headers=RAW)

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["kind"], body["samples"], body["interval_us"], body["total"]) == ("2D", 50, 2000, 6)
    assert body["crossline"] == list(range(10, 16))
    np.testing.assert_array_equal(samples(answer), traces)


@pytest.mark.usefixtures("temporary")
def test_of_a_long_file_the_first_traces_come_back(caller, tmp_path, write_segy, monkeypatch):
    monkeypatch.setattr(uploads, "FILE_TRACES", 3)
    traces = np.arange(70, dtype=np.float32).reshape(7, 10)
    content = segy(write_segy, tmp_path, traces)

    answer = caller.request("POST", "/status/view/segy", content=content, headers=RAW)

    assert (answer.json()["index"], answer.json()["total"]) == ([0, 1, 2], 7)
    np.testing.assert_array_equal(samples(answer), traces[:3])


@pytest.mark.usefixtures("temporary")
@pytest.mark.parametrize("cut", [0, 100, 3600, -7])
def test_what_is_no_whole_segy_file_is_a_422_with_the_reason(caller, tmp_path, write_segy, cut):
    content = segy(write_segy, tmp_path, np.ones((3, 10), dtype=np.float32))[:cut]

    answer = caller.request("POST", "/status/view/segy", content=content, headers=RAW)

    error = answer.json()["error"]
    assert (answer.status_code, error["kind"], error["field"]) == (422, "invalid_segy", "file")
    assert "cut off" in error["message"]
    assert str(tmp_path) not in error["message"]


@pytest.mark.usefixtures("temporary")
def test_random_files_are_never_a_server_error(caller, tmp_path, write_segy):
    generator = np.random.default_rng(1)
    good = np.frombuffer(segy(write_segy, tmp_path, np.ones((9, 30), dtype=np.float32)), np.uint8)
    for _ in range(40):
        broken = good.copy()
        where = generator.integers(3200, len(good), 20)
        broken[where] = generator.integers(0, 256, len(where))
        answer = caller.request("POST", "/status/view/segy", content=broken.tobytes(), headers=RAW)
        assert answer.status_code in (200, 422), answer.text


@pytest.mark.usefixtures("temporary")
def test_uploads_are_bounded_while_they_stream(caller, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_FILE", 10_000)

    async def endless():
        for _ in range(100):
            yield b"0" * 1000
        pytest.fail("read far beyond the limit")

    answer = caller.request("POST", "/status/view/segy", content=endless(), headers=RAW)

    assert answer.status_code == 413
    assert answer.json()["error"]["message"] == "expected at most 10000 bytes"


def test_another_content_type_is_a_415(caller):
    answer = caller.request("POST", "/status/view/segy", json={"a": 1})

    assert answer.status_code == 415
    assert "expected application/octet-stream, got application/json" in answer.json()["error"]["message"]


def test_the_survey_is_only_read(demo, demo_folder):
    before = sorted((path.name, path.stat().st_mtime_ns) for path in Path(demo_folder).iterdir())
    demo.get("/status/view/survey/line?inline=7")

    assert sorted((path.name, path.stat().st_mtime_ns) for path in Path(demo_folder).iterdir()) == before
