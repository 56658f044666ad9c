import numpy as np
import pytest

from seismic.data.settings import TrainerSettings
from seismic.data.survey import Survey, SurveyError

HEADER = "inline,crossline,label"
BY_FILE = "file,trace,label"


CLASSES = ("normal", "anomaly", "boundary")
SETTINGS = TrainerSettings(classes="normal, anomaly, boundary")


def _label(folder, text, settings=SETTINGS):
    (folder / "labels.csv").write_text(text)
    return Survey.open(folder, settings).labels


def test_labels_by_inline_and_crossline(grid):
    survey = Survey.open(grid, SETTINGS)
    labels = survey.labels
    assert labels.dtype == np.int8
    inline, crossline = np.repeat(np.arange(10, 14), 5), np.tile(np.arange(100, 105), 4)
    expected = (inline + crossline) % 3
    expected[-1] = -1
    np.testing.assert_array_equal(labels, expected)
    assert survey.classes == CLASSES


def test_labels_by_file_and_trace_count_from_one(grid):
    labels = _label(grid, "file,trace,label\ngrid.sgy,1,boundary\ngrid.sgy,20,anomaly\n")
    assert labels[0] == 2
    assert labels[19] == 1
    assert np.all(labels[1:19] == -1)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n10,100,normal\n13,104,anomaly\n",
        f"{HEADER}\r\n10,100,normal\r\n13,104,anomaly",
        f"\ufeff{HEADER}\n10,100,normal\n13,104,anomaly\n",
        "label,crossline,inline\nnormal,100,10\nanomaly,104,13\n",
        "who,inline,crossline,label,why\nme,10,100,normal,\nyou,13,104,anomaly,bright\n",
        f"{HEADER}\n\n10,100,normal\n\n\n13, 104, anomaly \n\n",
        f"{HEADER}\n10,100,normal\n13,104,anomaly\n10,100,normal\n",
        "Inline, Crossline, Label\n10,100,normal\n13,104,anomaly\n",
        "inline;crossline;label\n10;100;normal\n13;104;anomaly\n",
        "sep=;\ninline;crossline;label;note\n10;100;normal;a, b\n13;104;anomaly;\n",
        "inline\tcrossline\tlabel\n10\t100\tnormal\n13\t104\tanomaly\n",
        f"{HEADER}\r10,100,normal\r13,104,anomaly\r",
        f"{HEADER},,\n10,100,normal,,\n13,104,anomaly,,\n,,,,\n",
        f"{HEADER}\n10,100,normal,\n13,104,anomaly\n",
        '"inline","crossline","label"\n"10","100","normal"\n"13","104","anomaly"\n',
        f"\n,,\n{HEADER}\n10.0,100.00,normal\n1.3e1,104, anomaly\n",
        f'{HEADER},note,note\n10,100,normal,salt,"a, ""b"""\n13,104,anomaly,,\n',
    ],
)
def test_spellings_of_the_same_table(grid, text):
    labels = _label(grid, text)
    assert labels[0] == 0
    assert labels[19] == 1
    assert np.all(labels[1:19] == -1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_of_spreadsheets(grid, encoding):
    text = f"{HEADER},Anmerkung für später\n10,100,normal,Störung\n13,104,anomaly,\n"
    (grid / "labels.csv").write_bytes(text.encode(encoding))
    labels = Survey.open(grid, SETTINGS).labels
    assert (labels[0], labels[19], (labels >= 0).sum()) == (0, 1, 2)


def test_a_hundred_thousand_lines(tmp_path, write_segy):
    inlines, crosslines = np.repeat(np.arange(400), 250), np.tile(np.arange(250), 400)
    write_segy(tmp_path / "a.sgy", np.zeros((100_000, 1)), inlines=inlines, crosslines=crosslines)
    rows = zip(inlines[::-1], crosslines[::-1], strict=True)
    text = "".join(f"{inline},{crossline},{CLASSES[inline % 3]}\n" for inline, crossline in rows)
    np.testing.assert_array_equal(_label(tmp_path, f"{HEADER}\n{text}"), inlines % 3)


WRONG = {
    "a column twice": (
        f"{HEADER},Label\n10,100,normal,x\n",
        r"line 1: the column label is there twice \(inline,crossline,label,Label\)",
    ),
    "a column twice, spelt alike": (
        "inline,inline,crossline,label\n1,1,1,x\n",
        r"the column inline is there twice",
    ),
    "two columns twice": (f"{HEADER}, LABEL ,inline\n", r"inline and the column label is there twice"),
    "thousands": (
        f'{HEADER}\n10,100,normal\n"1,310",100,anomaly\n',
        r"line 3: inline is '1,310'.*separators",
    ),
    "thousands, unquoted": (f"{HEADER}\n10,100,normal\n1,310,100,anomaly\n", r"line 3: it has more cells"),
    "thousands with a space": (f"{HEADER}\n10,100,normal\n1 310,100,anomaly\n", r"line 3: inline is '1 310'"),
    "a comma for the point": (
        "inline;crossline;label\n10,0;100;normal\n",
        r"line 2: inline is '10,0'; expected a whole number",
    ),
    "an open quote": (f'{HEADER}\n"10,100,normal\n13,104,anomaly\n', r"cannot be read as CSV"),
    "a picture": ("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", r"labels\.csv: it is no text"),
    "only blank lines": ("\n\n,,\n", r"labels\.csv: it is empty"),
    "no header": ("10,100,normal\n13,104,anomaly\n", r"line 1: the columns are 10,100,normal; expected"),
    "wrong header after a blank line": ("\n\nil,xl,label\n", r"line 3: the columns are il,xl,label"),
    "infinite": (f"{HEADER}\ninf,100,normal\n", r"line 2: inline is 'inf'"),
    "truth": (f"{HEADER}\nTrue,100,normal\n", r"line 2: inline is 'True'"),
    "unknown label": (
        f"{HEADER}\n10,100,normal\n\n10,101,salt\n",
        r"line 4: the label is 'salt'; expected one of normal, anomaly, boundary \(trainer\.settings\.class",
    ),
    "typing error": (
        f"{HEADER}\n10,100,normal\n10,101,anomoly\n",
        r"line 3: the label is 'anomoly' \(is it 'anomaly'\?\); expected one of normal",
    ),
    "empty label": (f"{HEADER}\n10,100,normal\n10,101,\n", r"line 3: the label is ''"),
    "capital": (
        f"{HEADER}\n10,100,Normal\n10,101,anomaly\n",
        r"line 2: the label is 'Normal' \(is it 'norm",
    ),
    "no such trace": (
        f"{HEADER}\n10,100,normal\n14,100,anomaly\n",
        r"line 3.*inline 14.*inlines 10 to 13.*bytes 189 and 193.*by file,trace,label",
    ),
    "no such number": (f"{BY_FILE}\ngrid.sgy,1,normal\ngrid.sgy,21,anomaly\n", r"line 3.*trace 21.*1 to 20"),
    "trace 0": (f"{BY_FILE}\ngrid.sgy,1,normal\ngrid.sgy,0,anomaly\n", r"line 3.*trace 0.*1 to 20"),
    "no such file": (f"{BY_FILE}\ngrid.sgy,1,normal\nb.sgy,2,anomaly\n", r"line 3.*'b\.sgy'.*grid\.sgy"),
    "contradiction": (
        f"{HEADER}\n10,100,normal\n10,101,normal\n\n10,100,anomaly\n",
        r"lines 2 and 5.*inline 10 and crossline 100.*'normal'.*'anomaly'",
    ),
    "one class": (f"{HEADER}\n10,100,anomaly\n10,101,anomaly\n", r"every label is 'anomaly'.*at least two"),
    "no whole number": (f"{HEADER}\n10,100,normal\n10.5,101,anomaly\n", r"line 3: inline is '10.5'"),
    "no number": (f"{HEADER}\n10,100,normal\n10,x,anomaly\n", r"line 3: crossline is 'x'"),
    "huge": (f"{HEADER}\n10,100,normal\n10,99999999999,anomaly\n", r"line 3: crossline is '99999999999'"),
    "short line": (f"{HEADER}\n10,100,normal\n10\n", r"line 3: the label is"),
    "long line": (f"{HEADER}\n10,100,normal\n10,101,anomaly,x,y\n", r"labels\.csv.*"),
    "columns": ("il,xl,class\n10,100,normal\n", r"line 1: the columns are il,xl,class; expected inline"),
    "only a header": (f"{HEADER}\n", r"lists no trace"),
    "empty": ("", r"labels\.csv: it is empty"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_the_labels_is_said_with_its_line(grid, name):
    text, message = WRONG[name]
    with pytest.raises(SurveyError, match=message) as raised:
        _label(grid, text)
    assert str(grid / "labels.csv") in str(raised.value)


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (("salt", "sand"), ("salt", "sand")),
        (("shale 2", "Salz-Dom", "ölsand", "1.5"), ("1.5", "Salz-Dom", "shale 2", "ölsand")),
        ((" sand ", "salt", "sand"), ("salt", "sand")),
        # The same letter, as one character and as two.
        (("öl", "o\u0308l", "salt"), ("salt", "öl")),
        (tuple(f"c{number:02}" for number in range(19)), tuple(f"c{number:02}" for number in range(19))),
    ],
)
def test_classes_are_the_labels_in_alphabetical_order(grid, names, classes):
    rows = [f"grid.sgy,{trace},{name}" for trace, name in enumerate(names, 1)]
    (grid / "labels.csv").write_text("\n".join([BY_FILE, *rows]))
    survey = Survey.open(grid)
    assert survey.classes == classes
    given = [classes[code] for code in survey.labels[: len(names)]]
    assert given == [name.strip().replace("o\u0308", "ö") for name in names]
    assert np.all(survey.labels[len(names) :] == -1)


NAMES = {
    "empty": (("salt", ""), r"line 3: the label is ''; expected the name of a class"),
    "brackets": (
        ("salt", "sand (wet)"),
        r"line 3: the label is 'sand \(wet\)'; expected the name of a class",
    ),
    "long": (("salt", "s" * 101), r"line 3: the label is 's+'; expected the name of a class: 1 to 100"),
    "case": (("salt", "sand", "Salt"), r"lines 2 and 4: the labels 'salt' and 'Salt' differ only in case"),
    "spaces": (
        ("gas sand", "gas  sand"),
        r"lines 2 and 3: the labels 'gas sand' and 'gas  sand' differ only",
    ),
    "one": (("salt", "salt"), r"every label is 'salt'; there must be traces of at least two classes"),
}


@pytest.mark.parametrize("name", NAMES)
def test_labels_that_are_no_names_or_one_name_in_two_spellings(grid, name):
    names, message = NAMES[name]
    rows = [f"grid.sgy,{trace},{label}" for trace, label in enumerate(names, 1)]
    with pytest.raises(SurveyError, match=message):
        _label(grid, "\n".join([BY_FILE, *rows]), TrainerSettings())


def test_measured_numbers_are_no_classes(tmp_path, write_segy):
    write_segy(tmp_path / "a.sgy", np.zeros((101, 1)))
    text = "\n".join([BY_FILE, *(f"a.sgy,{trace},{trace / 8}" for trace in range(1, 102))])
    with pytest.raises(SurveyError, match=r"101 different labels, at most 100 can be"):
        _label(tmp_path, text, TrainerSettings())


def test_a_colour_of_no_class_is_a_doubt(grid):
    settings = TrainerSettings(classColours="anomoly=#D55E00, normal=#000000")
    assert Survey.open(grid, settings).notes == (
        "trainer.settings.classColours: there is no class 'anomoly' (is it 'anomaly'?); there are anomaly, "
        "boundary, normal",
    )


def test_no_labels(grid):
    (grid / "labels.csv").unlink()
    with pytest.raises(SurveyError, match=r"labels\.csv: there are no labels"):
        Survey.open(grid)
    survey = Survey.open(grid, labelled=False)
    assert np.all(survey.labels == -1)
    assert survey.classes == ()


def test_a_label_goes_to_every_trace_at_its_place_in_3d(tmp_path, write_segy):
    write_segy(tmp_path / "a.sgy", np.ones((4, 2)), inlines=[1, 1, 2, 2], crosslines=[1, 2, 1, 2])
    write_segy(tmp_path / "b.sgy", np.ones((4, 2)), inlines=[1, 1, 2, 2], crosslines=[1, 2, 1, 2])
    assert _label(tmp_path, f"{HEADER}\n1,2,normal\n2,1,boundary\n").tolist() == [-1, 0, 2, -1] * 2


def test_cdp_numbers_of_a_2d_line(tmp_path, write_segy):
    write_segy(tmp_path / "a.sgy", np.ones((3, 2)), cdps=[7, 8, 9])
    assert _label(tmp_path, f"{HEADER}\n0,9,normal\n0,7,boundary\n").tolist() == [2, -1, 0]


def test_a_number_on_two_2d_lines_is_ambiguous(tmp_path, write_segy):
    for name in ("a.sgy", "b.sgy"):
        write_segy(tmp_path / name, np.ones((3, 2)), cdps=[7, 8, 9])
    with pytest.raises(SurveyError, match=r"line 2.*more than one file.*file,trace,label"):
        _label(tmp_path, f"{HEADER}\n0,8,normal\n0,7,boundary\n")
    labels = _label(tmp_path, "file,trace,label\na.sgy,2,normal\nb.sgy,3,boundary\n")
    assert labels.tolist() == [-1, 0, -1, -1, -1, 2]


def test_negative_line_numbers(tmp_path, write_segy):
    write_segy(tmp_path / "a.sgy", np.ones((4, 2)), inlines=[-1, -1, 0, 0], crosslines=[-2, 2, -2, 2])
    assert _label(tmp_path, f"{HEADER}\n-1,-2,normal\n0,-2,boundary\n").tolist() == [0, -1, 2, -1]
