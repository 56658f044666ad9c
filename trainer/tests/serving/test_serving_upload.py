import csv
import io

import numpy as np
import pytest

from seismic.demo.segy_writer import file_headers, trace_records

from .conftest import BODY_LIMIT, INTERVAL_US, SAMPLES

RAW = {"content-type": "application/octet-stream"}
IEEE = 5


def segy(traces, samples=SAMPLES, interval_us=INTERVAL_US):
    """A survey of two inlines, big-endian IEEE floats."""
    half = len(traces) // 2
    return (
        file_headers(samples, interval_us, IEEE, [])
        + trace_records(traces[:half], 0, 100, interval_us, IEEE)
        + trace_records(traces[half:], half, 101, interval_us, IEEE)
    )


@pytest.mark.parametrize("form", [True, False])
def test_a_survey_gets_a_line_a_trace(call, pipeline, traces, form):
    content = segy(traces)
    if form:
        answer = call("POST", "/batch_predict", files={"file": ("any.sgy", content)})
    else:
        answer = call("POST", "/batch_predict", content=content, headers=RAW)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["x-model-version"] == "1"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["class"] for row in rows] == pipeline.predict(traces).tolist()
    assert [int(row["inline"]) for row in rows] == [100] * 45 + [101] * 45
    assert [int(row["crossline"]) for row in rows] == [*range(1, 46), *range(1, 46)]
    given = [[float(row[f"probability_{label}"]) for label in pipeline.classes_] for row in rows]
    np.testing.assert_allclose(given, pipeline.predict_proba(traces), atol=1e-6)


def test_a_survey_longer_than_a_chunk_is_complete(call, pipeline, traces):
    many = np.tile(traces, (6, 1))

    answer = call("POST", "/batch_predict", content=segy(many), headers=RAW)

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["class"] for row in rows] == pipeline.predict(many).tolist()


def with_nan(traces):
    broken = traces.copy()
    broken[50, 3] = np.nan
    return broken


UNUSABLE = [
    (lambda traces: segy(traces[:, :50], samples=50), "expected traces of 60 samples, got 50"),
    (lambda traces: segy(traces, interval_us=2000), "expected a sample interval of 4000 µs, got 2000 µs"),
    (lambda traces: segy(traces)[:-7], "cut off"),
    (lambda traces: b"not a survey", "not a SEG-Y file"),
    (lambda traces: b"", "not a SEG-Y file"),
    (lambda traces: segy(with_nan(traces)), "trace 51 (inline 101, crossline 6): expected finite amplitudes"),
]


@pytest.mark.parametrize(("make", "message"), UNUSABLE)
@pytest.mark.parametrize("form", [True, False])
def test_an_unusable_survey_is_a_422_with_the_reason(call, traces, make, message, form):
    content = make(traces)
    request = {"files": {"file": ("x.sgy", content)}} if form else {"content": content, "headers": RAW}
    answer = call("POST", "/batch_predict", **request)

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["kind"], error["field"]) == ("invalid_segy", "file")
    assert message in error["message"]
    assert "/tmp" not in error["message"]


def test_forms_without_the_file_or_broken_are_client_errors(call, traces):
    other = call("POST", "/batch_predict", files={"survey": ("x.sgy", segy(traces))})
    assert (other.status_code, other.json()["error"]["field"]) == (422, "file")
    text = call("POST", "/batch_predict", data={"file": "x"}, files={"other": b""})
    assert (text.status_code, text.json()["error"]["field"]) == (422, "file")
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary="):
        for body in (b"", b"--x\r\n", b"--x\r\ncontent-disposition: form-data\r\n\r\n", b"garbage\xff"):
            answer = call("POST", "/batch_predict", content=body, headers={"content-type": kind})
            assert answer.status_code in (400, 422), (kind, body, answer.text)


def test_an_upload_beyond_the_limit_is_413_while_it_streams(call):
    async def endless():
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(1000):
            yield b"0" * 1000
        pytest.fail("read far beyond the limit")

    for kind in ("multipart/form-data; boundary=x", "application/octet-stream"):
        answer = call("POST", "/batch_predict", content=endless(), headers={"content-type": kind})
        assert answer.status_code == 413
        assert answer.json()["error"]["message"] == f"expected at most {BODY_LIMIT} bytes"


def test_random_surveys_are_never_a_server_error(call, traces):
    generator = np.random.default_rng(1)
    good = np.frombuffer(segy(traces), np.uint8)
    for _ in range(60):
        broken = good.copy()
        where = (
            generator.integers(3200, 4300, 20)
            if generator.random() < 0.7
            else generator.integers(0, len(good), 9)
        )
        broken[where] = generator.integers(0, 256, len(where))
        answer = call("POST", "/batch_predict", content=broken.tobytes(), headers=RAW)
        assert answer.status_code in (200, 422), answer.text
