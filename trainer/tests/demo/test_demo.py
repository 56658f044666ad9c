import hashlib
import json

import numpy as np
import pytest
import segyio
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import f1_score
from threadpoolctl import threadpool_limits

from seismic.data.survey import Survey, SurveyError
from seismic.demo import segy_writer
from seismic.demo import survey as demo
from seismic.demo.geology import CLASSES, Geology
from seismic.demo.survey import main, write_demo
from seismic.learning.features import TraceFeatures

SMALL = {"inlines": 6, "crosslines": 30, "samples": 100, "seed": 3}


def _state(folder):
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


def test_segyio_sees_a_3d_survey(tmp_path):
    assert write_demo(tmp_path, **SMALL, environment="staging")
    with segyio.open(str(tmp_path / "demo.sgy")) as file:
        assert file.ilines.tolist() == list(range(1, 7))
        assert file.xlines.tolist() == list(range(1, 31))
        assert len(file.samples) == 100
        assert segyio.tools.dt(file) == 4000
        text = bytes(file.text[0]).decode()
        assert "ENVIRONMENT staging" in text
        assert [text[line * 80 : line * 80 + 3] for line in (0, 8, 39)] == ["C 1", "C 9", "C40"]
        assert file.header[31][segyio.TraceField.INLINE_3D] == 2
        assert file.header[31][segyio.TraceField.CDP_X] == 600_000 + 2 * 25
        assert file.header[31][segyio.TraceField.CDP_Y] == 6_070_000 + 2 * 25
        assert file.header[31][segyio.TraceField.TRACE_SEQUENCE_FILE] == 32
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.json", "demo.sgy", "labels.csv"]


@pytest.mark.parametrize(("format", "tolerance"), [(1, 2**-20), (5, 0)])
def test_the_survey_holds_what_the_geology_gave(tmp_path, format, tolerance):
    write_demo(tmp_path, **SMALL, format=format)
    survey = Survey.open(tmp_path)
    geology = Geology(6, 30, 100, 4000, 3)
    for number in range(6):
        traces, classes = geology.inline(number)
        rows = np.arange(30) + 30 * number
        np.testing.assert_allclose(survey.read(rows), traces, rtol=tolerance)
        names = np.array([*survey.classes, ""])[survey.labels[rows]]
        assert np.all((names == np.array(CLASSES)[classes]) | (names == ""))
    assert 0 < np.mean(survey.labels == -1) < 0.1
    assert survey.geometry_kind == "3D"


def test_ibm_floats():
    values = np.array([0, 1, -118.625, 0.5, 1 / 16, 15.99999, 1e-30, 3e38, -7.2e-20], dtype=np.float32)
    words = segy_writer.to_ibm(values)
    # -118.625 is the textbook's example.
    assert words[:4].tolist() == [0, 0x41100000, 0xC276A000, 0x40800000]
    fraction = (words & 0xFFFFFF) / 2**24
    power = ((words >> 24) & 0x7F).astype(int) - 64
    decoded = np.where(words >> 31, -1, 1) * fraction * 16.0**power
    np.testing.assert_allclose(decoded, values, rtol=2**-21)
    rounded_up = np.nextafter(np.float32(16), np.float32(0))
    assert segy_writer.to_ibm(rounded_up).tolist() in (0x41FFFFFF, 0x42100000)


# Of the files that the first release wrote: with other bytes, each demo stack would train again for nothing.
@pytest.mark.parametrize(
    ("parameters", "sha256"),
    [
        (
            {"inlines": 4, "crosslines": 6, "samples": 40, "format": 1},
            "6a1d0d43933699be08ac99b497e913207e996be09c5899516ff67c5d80a71397",
        ),
        (
            {"inlines": 4, "crosslines": 6, "samples": 40, "format": 5},
            "a2d733c29dff4366b423050aee405530e8a1f1f5bd45df333f115a53f3754c61",
        ),
        # More samples and a longer interval than a signed number of 16 bits holds.
        (
            {"inlines": 2, "crosslines": 2, "samples": 40_000, "interval_us": 40_000},
            "d0a49563e4654d7e08533ad933d6056348af719a06839a25d83abefa9da7c6f9",
        ),
    ],
)
def test_the_bytes_stay_the_same(tmp_path, parameters, sha256):
    write_demo(tmp_path, **parameters)
    assert hashlib.sha256((tmp_path / "demo.sgy").read_bytes()).hexdigest() == sha256


def test_the_same_parameters_give_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_demo(tmp_path / name, **{**SMALL, "seed": seed})
    assert (tmp_path / "a/demo.sgy").read_bytes() == (tmp_path / "b/demo.sgy").read_bytes()
    assert (tmp_path / "a/labels.csv").read_bytes() == (tmp_path / "b/labels.csv").read_bytes()
    assert (tmp_path / "a/demo.sgy").read_bytes() != (tmp_path / "c/demo.sgy").read_bytes()


def test_a_second_run_changes_nothing(tmp_path):
    write_demo(tmp_path, **SMALL)
    before = _state(tmp_path)
    assert not write_demo(tmp_path, **SMALL)
    assert _state(tmp_path) == before


def test_other_parameters_replace_a_demo_survey(tmp_path):
    write_demo(tmp_path, **SMALL)
    assert write_demo(tmp_path, **{**SMALL, "seed": 4})
    assert json.loads((tmp_path / "demo.json").read_text())["seed"] == 4


@pytest.mark.parametrize("broken", ["demo.sgy", "labels.csv"])
def test_what_is_missing_is_written_again(tmp_path, broken):
    write_demo(tmp_path, **SMALL)
    before = (tmp_path / broken).read_bytes()
    (tmp_path / broken).unlink()
    assert write_demo(tmp_path, **SMALL)
    assert (tmp_path / broken).read_bytes() == before


def test_an_interrupted_run_leaves_no_survey_and_can_be_repeated(tmp_path):
    def interrupt(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_demo(tmp_path, **SMALL, progress=interrupt)
    assert not (tmp_path / "demo.sgy").exists()
    assert write_demo(tmp_path, **SMALL)
    assert Survey.open(tmp_path).n_traces == 180


def test_a_run_that_ends_between_its_files_can_be_repeated(tmp_path, monkeypatch):
    real = demo.os.replace

    def fail(source, target):
        if target.name == "labels.csv":
            raise OSError("no space left")
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(demo.os, "replace", fail)
        with pytest.raises(OSError, match="no space"):
            write_demo(tmp_path, **SMALL)
    assert (tmp_path / "demo.sgy").exists()
    assert write_demo(tmp_path, **SMALL)
    assert Survey.open(tmp_path).n_traces == 180


@pytest.mark.parametrize("name", ["field.sgy", "LINE.SEGY", "labels.csv"])
def test_data_that_is_not_its_own_is_left_alone(tmp_path, name):
    (tmp_path / name).write_text("precious")
    before = _state(tmp_path)
    with pytest.raises(SurveyError, match=f"holds {name}.*empty folder"):
        write_demo(tmp_path, **SMALL)
    assert _state(tmp_path) == before


def test_field_data_beside_a_demo_survey_is_left_alone(tmp_path):
    write_demo(tmp_path, **SMALL)
    (tmp_path / "field.sgy").write_text("precious")
    for seed in (3, 4):
        with pytest.raises(SurveyError, match=r"field\.sgy"):
            write_demo(tmp_path, **{**SMALL, "seed": seed})
    assert (tmp_path / "field.sgy").read_text() == "precious"


def test_command_line(tmp_path, capsys):
    arguments = ["--out", str(tmp_path / "d"), "--traces", "200", "--samples", "64", "--seed", "2"]
    assert main(arguments) == 0
    assert "inline 10 of 10" in capsys.readouterr().err
    survey = Survey.open(tmp_path / "d")
    assert (survey.n_traces, survey.n_samples) == (200, 64)
    assert main(arguments) == 0
    assert "was there already" in capsys.readouterr().err
    (tmp_path / "e").mkdir()
    (tmp_path / "e/x.sgy").write_text("")
    assert main(["--out", str(tmp_path / "e")]) == 2
    assert "error: " in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path), "--inlines", "3"])


def test_sizes_without_sense_are_refused(tmp_path):
    for wrong in ({"inlines": 0}, {"samples": 1}, {"samples": 70000}, {"interval_us": 0}, {"format": 3}):
        with pytest.raises(ValueError, match=r"no survey|format 3"):
            write_demo(tmp_path / "d", **{**SMALL, **wrong})
        assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_classes_are_balanced_and_can_be_told_apart_but_not_perfectly(seed):
    """Whole inlines are held out. The full-size figures would need a full-size survey."""
    geology = Geology(60, 120, 256, 4000, seed)
    traces, labels = (np.concatenate(part) for part in zip(*map(geology.inline, range(60)), strict=True))
    shares = np.bincount(labels, minlength=3) / len(labels)
    assert shares.min() >= 0.1
    block = np.repeat(np.arange(60) // 10, 120)
    test = block == 2
    features = TraceFeatures().fit(traces[~test]).transform(traces)
    with threadpool_limits(1, user_api="openmp"):
        model = HistGradientBoostingClassifier(max_iter=60, random_state=0)
        model.fit(features[~test], labels[~test])
        score = f1_score(labels[test], model.predict(features[test]), average="macro")
    assert 0.7 < score < 0.99


def test_memory_holds_an_inline_not_the_survey(tmp_path, monkeypatch):
    seen = []
    real = demo.trace_records

    def spy(traces, *rest):
        seen.append(len(traces))
        return real(traces, *rest)

    monkeypatch.setattr(demo, "trace_records", spy)
    write_demo(tmp_path, **SMALL)
    assert seen == [30] * 6
