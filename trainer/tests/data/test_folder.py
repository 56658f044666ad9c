"""Other content of a survey's folder beside good files: read, passed over, or refused by name."""

import os
import shutil

import numpy as np
import pytest

from seismic.data.errors import SurveyError
from seismic.data.labels import LABELS_NAME
from seismic.data.survey import Survey
from seismic.judging.quality import quality_report

LATIN1 = b"Str\xf6mung.sgy"


def link(name, target):
    return lambda folder: (folder / name).symlink_to(target)


def make(name, how):
    return lambda folder: how(folder / name)


REFUSED = {
    "a link that leads nowhere": (link("b.sgy", "/nowhere/b.sgy"), r"b\.sgy: it is a link to /nowhere/b"),
    "a link to itself": (link("b.SEGY", "b.SEGY"), r"b\.SEGY: it is a link to b\.SEGY"),
    "labels that are elsewhere": (
        lambda folder: [(folder / LABELS_NAME).unlink(), link(LABELS_NAME, "/nowhere/l.csv")(folder)],
        r"labels\.csv: it is a link to /nowhere/l\.csv",
    ),
    "a folder with a file's name": (make("b.sgy", os.mkdir), r"b\.sgy: it is named as a file .* is a folder"),
    "a folder with the labels' name": (
        lambda folder: [(folder / LABELS_NAME).unlink(), (folder / LABELS_NAME).mkdir()],
        r"labels\.csv: it is named as a file .* is a folder",
    ),
    "a pipe": (make("b.sgy", os.mkfifo), r"b\.sgy: .* no ordinary file"),
    "an empty file": (make("b.sgy", lambda path: path.touch()), r"b\.sgy: not a SEG-Y file.* 0 bytes"),
    "the same file by a link": (link("b.sgy", "grid.sgy"), r"grid\.sgy: it is the same file as b\.sgy"),
    "the same file by two names": (
        lambda folder: os.link(folder / "grid.sgy", folder / "b.sgy"), r"it is the same file as",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_looks_like_a_part_of_the_survey_and_is_none_is_refused_by_its_name(grid, name):
    spoil, message = REFUSED[name]
    spoil(grid)
    with pytest.raises(SurveyError, match=message):
        Survey.open(grid)


PASSED_OVER = {
    "an editor's lock": link(".#labels.csv", "someone@host.123:456"),
    "an editor's lock of a survey": link(".#grid.sgy", "someone@host.123:456"),
    "what macOS leaves": make("._grid.sgy", lambda path: path.write_text("")),
    "what a file system keeps": make("lost+found", lambda path: path.mkdir(mode=0o700)),
    "a link to a text that is gone": link("notes.txt", "/nowhere/notes.txt"),
    "a socket's or pipe's name": make("pipe", os.mkfifo),
    "a folder of pictures": make("pictures", os.mkdir),
}


@pytest.mark.parametrize("name", PASSED_OVER)
def test_what_is_no_part_of_the_survey_is_passed_over(grid, name):
    PASSED_OVER[name](grid)
    survey = Survey.open(grid)
    assert (survey.n_traces, survey.notes) == (20, ())


def test_what_may_be_a_part_of_the_survey_and_is_not_read_is_told(grid):
    (grid / "lines").mkdir()
    shutil.copy(grid / "grid.sgy", grid / "lines" / "b.sgy")
    (grid / "c.sgy.gz").write_bytes(b"")
    assert [note.removeprefix(f"{grid}/") for note in Survey.open(grid).notes] == [
        "c.sgy.gz is packed and not read: unpack it",
        "lines/b.sgy is in a sub-folder and not read: move it up",
    ]
    (grid / "grid.sgy").unlink()
    with pytest.raises(
        SurveyError, match=r"no SEG-Y file was found .*c\.sgy\.gz is packed.*b\.sgy is in a sub-"
    ):
        Survey.open(grid)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["grid.sgy", LABELS_NAME, "."])
def test_what_this_user_must_not_read_is_told(grid, name):
    (grid / name).chmod(0)
    try:
        with pytest.raises(SurveyError, match=r"it cannot be read by the user .*chmod a\+rX"):
            Survey.open(grid)
    finally:
        (grid / name).chmod(0o755)


@pytest.mark.parametrize("name", ["grid.sgy", LABELS_NAME])
def test_what_the_system_does_not_let_read_is_told(grid, name, monkeypatch):
    def refuse(path, *arguments, **more):
        if str(path).endswith(name):
            raise PermissionError(13, "Permission denied", str(path))
        return os_open(path, *arguments, **more)

    os_open = open
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: refuse(path, "rb").read())
    with pytest.raises(SurveyError, match=rf"{name}: it cannot be read by the user .*chmod a\+rX"):
        Survey.open(grid)


@pytest.mark.parametrize("written_as", ["latin-1", "utf-8", "escaped"])
def test_a_name_in_an_old_encoding(grid, written_as):
    os.rename(os.fsencode(grid / "grid.sgy"), os.fsencode(grid) + b"/" + LATIN1)
    name = LATIN1.decode("latin-1") if written_as != "escaped" else r"Str\xf6mung.sgy"
    encoding = "latin-1" if written_as == "latin-1" else "utf-8"
    (grid / LABELS_NAME).write_bytes(
        f"file,trace,label\n{name},1,normal\n{name},20,anomaly\n".encode(encoding)
    )
    survey = Survey.open(grid)
    assert survey.labels.tolist() == [1, *[-1] * 18, 0]
    assert len(survey.sha256) == 64
    assert quality_report(survey)["files"][0]["name"] == r"Str\xf6mung.sgy"
    (grid / LABELS_NAME).write_bytes(b"file,trace,label\nx.sgy,1,normal\n")
    with pytest.raises(SurveyError) as raised:
        Survey.open(grid)
    assert str(raised.value).isascii()


def test_the_name_of_a_broken_file_in_an_old_encoding_can_be_written_anywhere(grid):
    (grid / os.fsdecode(LATIN1)).write_bytes(b"no survey")
    with pytest.raises(SurveyError) as raised:
        Survey.open(grid)
    assert r"Str\xf6mung.sgy: not a SEG-Y file" in str(raised.value).encode("utf-8").decode()


def test_files_in_capitals_are_read_in_the_order_of_their_names(tmp_path, write_segy):
    for name in ("B.SGY", "a.Segy", "C.sgy"):
        write_segy(tmp_path / name, np.ones((2, 3)))
    assert [file.name for file in Survey.open(tmp_path, labelled=False).files] == ["B.SGY", "C.sgy", "a.Segy"]
