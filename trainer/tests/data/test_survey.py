import numpy as np
import pytest

from seismic.data.survey import Survey, SurveyError

TRACES = np.array([[0, 1, -2, 3], [100, -100, 7, 0], [1, 2, 3, 5]], dtype=np.float64)
UNSIGNED = np.abs(TRACES)


@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("format", [1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 16])
def test_every_sample_format_comes_back_as_written(tmp_path, write_segy, format, endian):
    traces = UNSIGNED if format in (10, 11, 12, 16) else TRACES
    write_segy(tmp_path / "a.sgy", traces, format=format, endian=endian)
    survey = Survey.open(tmp_path, labelled=False)
    (file,) = survey.files
    assert (file.format, file.endian, file.n_traces, file.n_samples) == (format, endian, 3, 4)
    read = survey.read(np.arange(3))
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, traces.astype(np.float32))


@pytest.mark.parametrize("format", [1, 5])
def test_fractions_large_and_small_come_back(tmp_path, write_segy, format):
    rng = np.random.default_rng(3)
    traces = rng.normal(0, 1, (8, 11)) * 10.0 ** rng.integers(-20, 20, (8, 11))
    write_segy(tmp_path / "a.sgy", traces, format=format)
    read = Survey.open(tmp_path, labelled=False).read(np.arange(8))
    # An IBM float has 21 to 24 significant bits.
    np.testing.assert_allclose(read, traces, rtol=2**-20)


@pytest.mark.parametrize("revision", [0, 1, 2])
@pytest.mark.parametrize("extended", [0, 1, 3])
@pytest.mark.parametrize("samples", [1, 2, 461, 3000])
def test_revisions_extended_headers_and_lengths(tmp_path, write_segy, revision, extended, samples):
    traces = np.arange(2.0 * samples).reshape(2, samples)
    write_segy(tmp_path / "a.SEGY", traces, revision=revision, extended=extended, interval_us=2000)
    survey = Survey.open(tmp_path, labelled=False)
    assert (survey.n_samples, survey.n_traces, survey.interval_us) == (samples, 2, 2000)
    np.testing.assert_array_equal(survey.read(np.array([0, 1])), traces)


def test_more_than_32767_samples(tmp_path, write_segy):
    traces = np.arange(40000.0).reshape(1, 40000)
    write_segy(tmp_path / "a.sgy", traces)
    np.testing.assert_array_equal(Survey.open(tmp_path, labelled=False).read(np.array([0])), traces)


def test_several_files_are_one_survey_by_name(tmp_path, write_segy):
    write_segy(tmp_path / "b.sgy", TRACES[:2] + 10)
    write_segy(tmp_path / "a.SGY", TRACES, endian="little", format=3)
    (tmp_path / "notes.txt").write_text("not a survey")
    (tmp_path / "._a.sgy").write_text("left by macOS")
    survey = Survey.open(tmp_path, labelled=False)
    assert [(file.path.name, file.first, file.n_traces) for file in survey.files] == [
        ("a.SGY", 0, 3),
        ("b.sgy", 3, 2),
    ]
    assert survey.geometry["file"].tolist() == [0, 0, 0, 1, 1]
    assert survey.geometry["trace"].tolist() == [0, 1, 2, 0, 1]
    everything = np.concatenate([TRACES, TRACES[:2] + 10])
    np.testing.assert_array_equal(survey.read(np.array([4, 0, 3, 3, 2])), everything[[4, 0, 3, 3, 2]])


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"inlines": [1, 1, 2, 2], "crosslines": [5, 6, 5, 6]}, "3D"),
        ({"inlines": [1, 1, 2, 2], "crosslines": [5, 6, 7, 8]}, "2D"),
        ({"inlines": [3, 3, 3, 3], "crosslines": [5, 6, 7, 8]}, "2D"),
        ({"inlines": [1, 2, 3, 4], "crosslines": [1, 2, 3, 4]}, "2D"),
        ({"cdps": [5, 6, 7, 8]}, "2D"),
        ({}, "unstructured"),
        ({"cdps": [5, 5, 5, 5]}, "unstructured"),
        ({"inlines": [3, 3, 3, 3], "crosslines": [5, 5, 5, 5]}, "unstructured"),
    ],
)
@pytest.mark.parametrize("endian", ["big", "little"])
def test_geometry_kind(tmp_path, write_segy, fields, kind, endian):
    write_segy(tmp_path / "a.sgy", np.ones((4, 3)), endian=endian, **fields)
    survey = Survey.open(tmp_path, labelled=False)
    assert survey.geometry_kind == kind
    zeros = [0] * 4
    assert survey.geometry["inline"].tolist() == fields.get("inlines", zeros)
    expected = fields.get("crosslines", fields.get("cdps", zeros) if kind == "2D" else zeros)
    assert survey.geometry["crossline"].tolist() == expected


def test_lines_with_a_line_number_each_are_2d(tmp_path, write_segy):
    names = ("a.sgy", "b.sgy", "c.sgy", "d.sgy")
    for line, name in enumerate(names, 1):
        write_segy(tmp_path / name, np.ones((4, 2)), inlines=[line] * 4, cdps=[1, 2, 3, 4])
    rows = "".join(f"{name},1,normal\n{name},2,anomaly\n" for name in names)
    (tmp_path / "labels.csv").write_text(f"file,trace,label\n{rows}")
    assert Survey.open(tmp_path).geometry_kind == "2D"


def test_an_area_with_a_file_for_each_inline_in_other_bytes_is_refused(tmp_path, write_segy):
    for line in range(1, 5):
        write_segy(
            tmp_path / f"{line}.sgy", np.ones((4, 2)), fields={9: [line] * 4, 21: [1, 2, 3, 4]}
        )  # fmt: skip
    with pytest.raises(SurveyError, match=r"bytes 9/21 make an area"):
        Survey.open(tmp_path)


def test_blocks_of_lines(grid):
    survey = Survey.open(grid)
    assert survey.blocks(2, "inline").tolist() == [0] * 10 + [1] * 10
    assert survey.blocks(3, "inline").tolist() == [0] * 15 + [1] * 5
    assert survey.blocks(2, "crossline").tolist() == [0, 0, 1, 1, 2] * 4
    with pytest.raises(ValueError, match="at least one line"):
        survey.blocks(0, "inline")


def test_blocks_of_traces_do_not_span_files(tmp_path, write_segy):
    for name in ("a.sgy", "b.sgy"):
        write_segy(tmp_path / name, np.ones((5, 2)), cdps=range(5))
    survey = Survey.open(tmp_path, labelled=False)
    assert survey.blocks(2, "trace").tolist() == [0, 0, 1, 1, 2, 3, 3, 4, 4, 5]


@pytest.mark.parametrize("size", [1, 3, 7, 20, 1000])
@pytest.mark.parametrize("where", [None, "mask", "indices"])
def test_chunks_stream_every_trace_once_and_in_order(grid, size, where):
    survey = Survey.open(grid)
    whole = survey.read(np.arange(20))
    wanted = {None: np.arange(20), "mask": np.arange(1, 20, 3), "indices": np.array([19, 3, 4, 0])}[where]
    mask = np.isin(np.arange(20), wanted)
    chunks = list(survey.chunks(size, {None: None, "mask": mask, "indices": wanted}[where]))
    assert all(len(indices) == len(traces) <= size for indices, traces in chunks)
    np.testing.assert_array_equal(np.concatenate([indices for indices, _ in chunks]), wanted)
    np.testing.assert_array_equal(np.concatenate([traces for _, traces in chunks]), whole[wanted])


def test_a_mask_of_another_length_is_refused(grid):
    with pytest.raises(ValueError, match="20 traces"):
        next(Survey.open(grid).chunks(4, np.ones(19, dtype=bool)))


def test_sparse_reads_skip_gaps(tmp_path, write_segy):
    traces = np.arange(400.0).reshape(200, 2)
    write_segy(tmp_path / "a.sgy", traces)
    survey = Survey.open(tmp_path, labelled=False)
    for wanted in ([0, 199], [0, 16, 33, 50, 51, 199], [5], []):
        np.testing.assert_array_equal(survey.read(np.array(wanted, dtype=int)), traces[wanted])


@pytest.mark.parametrize("wrong", [[-1], [0, 20]])
def test_a_trace_that_is_not_there(grid, wrong):
    with pytest.raises(IndexError, match="survey of 20"):
        Survey.open(grid).read(np.array(wrong))


def test_dead_and_nonfinite_traces(tmp_path, write_segy):
    traces = np.ones((6, 4)) * [1, 2, 1, 2]
    traces[1] = 0
    traces[2] = 7.5
    traces[3, 2] = np.nan
    traces[4, 0] = -np.inf
    write_segy(tmp_path / "a.sgy", traces)
    survey = Survey.open(tmp_path, labelled=False)
    assert survey.dead.tolist() == [False, True, True, False, False, False]
    assert survey.nonfinite.tolist() == [False, False, False, True, True, False]


def test_doubles_that_overflow_are_nonfinite(tmp_path, write_segy):
    write_segy(tmp_path / "a.sgy", np.array([[1e300, 1], [1, 2]]), format=6)
    assert Survey.open(tmp_path, labelled=False).nonfinite.tolist() == [True, False]


def test_sha256_changes_with_data_labels_and_names(grid, patch):
    first = Survey.open(grid).sha256
    assert len(first) == 64
    assert Survey.open(grid).sha256 == first
    (grid / "notes.txt").write_text("not part of the survey")
    assert Survey.open(grid).sha256 == first
    labels = (grid / "labels.csv").read_text()
    (grid / "labels.csv").write_text(labels + "\n")
    assert Survey.open(grid).sha256 != first
    (grid / "labels.csv").write_text(labels)
    (grid / "grid.sgy").rename(grid / "other.sgy")
    assert Survey.open(grid).sha256 != first
    (grid / "other.sgy").rename(grid / "grid.sgy")
    patch(grid / "grid.sgy", 3600 + 264, "B", 0xA5)
    assert Survey.open(grid).sha256 != first
