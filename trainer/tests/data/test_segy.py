"""Files of other software. Each differs in one header field from the plain files of test_survey."""

import struct

import numpy as np
import pytest

from seismic.data.survey import Survey, SurveyError

TRACES = np.arange(15.0).reshape(5, 3)


@pytest.fixture
def foreign(tmp_path, write_segy):
    """Writes a.sgy and changes fields of its binary header: (first byte, from 1) -> (kind, value)."""

    def write(fields, endian="big", **headers):
        path = write_segy(tmp_path / "a.sgy", TRACES, endian=endian, **headers)
        content = bytearray(path.read_bytes())
        for byte, (kind, value) in fields.items():
            struct.pack_into((">" if endian == "big" else "<") + kind, content, byte - 1, value)
        path.write_bytes(content)
        return tmp_path

    return write


@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize(
    ("field", "says"),
    [
        ({3507: ("H", 2)}, "2 additional trace headers"),
        ({3521: ("q", 7200)}, "its first trace at byte 7200"),
        ({3529: ("i", -1)}, "-1 data trailers"),
    ],
)
def test_what_revision_2_puts_between_traces_is_named(foreign, endian, field, says):
    folder = foreign(field, endian, revision=2)
    with pytest.raises(SurveyError, match=rf"a\.sgy: it has {says} .*write it as SEG-Y revision 1"):
        Survey.open(folder, labelled=False)


@pytest.mark.parametrize("revision", [0, 1, 0x43])
def test_older_files_hold_anything_in_the_fields_of_revision_2(foreign, revision):
    folder = foreign({3507: ("H", 0x4040), 3521: ("q", 1), 3529: ("i", 7)}, revision=revision)
    survey = Survey.open(folder, labelled=False)
    np.testing.assert_array_equal(survey.read(np.arange(5)), TRACES)


def test_revision_2_with_its_fields_as_of_old_is_read(foreign):
    folder = foreign({3297: ("I", 0x01020304), 3521: ("q", 6800)}, revision=2, extended=1)
    np.testing.assert_array_equal(Survey.open(folder, labelled=False).read(np.arange(5)), TRACES)


@pytest.mark.parametrize(("microseconds", "taken"), [(2000, 2000), (333.4, 333), (1e300, 0), (np.nan, 0)])
def test_the_interval_of_revision_2_counts_if_there_is_no_other(foreign, microseconds, taken):
    folder = foreign({3273: ("d", microseconds)}, revision=2, interval_us=0)
    if taken:
        assert Survey.open(folder, labelled=False).interval_us == taken
    else:
        with pytest.raises(SurveyError, match="the sample interval is 0"):
            Survey.open(folder, labelled=False)


@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("samples", [0, 7, 65535])
def test_the_extended_sample_count_of_revision_2(foreign, endian, samples):
    folder = foreign({3221: ("H", samples), 3269: ("i", 3)}, endian, revision=2)
    np.testing.assert_array_equal(Survey.open(folder, labelled=False).read(np.arange(5)), TRACES)


@pytest.mark.parametrize("count", [0, 4, 0x4040])
def test_a_wrong_sample_count_gives_way_to_that_of_the_traces_if_the_size_does(foreign, count):
    survey = Survey.open(foreign({3221: ("H", count)}), labelled=False)
    np.testing.assert_array_equal(survey.read(np.arange(5)), TRACES)
    assert (
        f"gives {count} samples per trace (bytes 3221-3222); by the file's size it is the 3"
        in survey.notes[0]
    )


@pytest.mark.parametrize("count", [0, 4, 0x2020])
def test_a_wrong_sample_count_of_the_traces_does_no_harm(foreign, count):
    survey = Survey.open(foreign({}, trace_samples=count), labelled=False)
    np.testing.assert_array_equal(survey.read(np.arange(5)), TRACES)


def test_what_no_count_fits_is_cut_off(foreign):
    with pytest.raises(
        SurveyError, match=r"by its header \(4 samples.*trace 1 itself gives 5 .* not fit either"
    ):
        Survey.open(foreign({3221: ("H", 4)}, trace_samples=5), labelled=False)
    path = foreign({}) / "a.sgy"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SurveyError, match=r"in trace 5, 251 bytes into it; copy .* with one length$"):
        Survey.open(path.parent, labelled=False)


def test_a_text_header_of_any_bytes_does_no_harm(foreign):
    folder = foreign({})
    path = folder / "a.sgy"
    content = np.random.default_rng(2).integers(0, 256, 3200, dtype=np.uint8).tobytes()
    path.write_bytes(content + path.read_bytes()[3200:])
    np.testing.assert_array_equal(Survey.open(folder, labelled=False).read(np.arange(5)), TRACES)
