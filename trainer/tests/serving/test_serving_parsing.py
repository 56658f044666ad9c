import random

import numpy as np
import orjson
import pytest

from kit.server.errors import RequestError
from seismic.serving.parsing import TraceParser

SAMPLES = 5
ROWS = 4


@pytest.fixture
def parser():
    return TraceParser(SAMPLES, max_batch=20)


def outcome(steps):
    """The outcome for the sender of a body: the traces, or the error."""
    try:
        return np.concatenate(list(steps)).tolist()
    except RequestError as error:
        return error.status, error.field, error.message


def body_of(generator, count):
    traces = [[round(generator.gauss(0, 100), 3) for _ in range(SAMPLES)] for _ in range(count)]
    return orjson.dumps({"traces": traces}, option=generator.choice([None, orjson.OPT_INDENT_2]))


def test_good_batches_come_in_full_chunks(parser):
    generator = random.Random(1)
    for count in range(1, 21):
        body = body_of(generator, count)
        chunks = list(parser.many(body, ROWS))
        assert [len(chunk) for chunk in chunks] == [ROWS] * (count // ROWS) + [count % ROWS] * (
            count % ROWS > 0
        )
        np.testing.assert_array_equal(np.concatenate(chunks), np.float32(orjson.loads(body)["traces"]))


def test_a_trace_in_turn_is_judged_as_the_whole_document_is(parser):
    generator = random.Random(2)
    pieces = [
        b"]",
        b"[",
        b",",
        b" ",
        b"1",
        b"-",
        b"true",
        b"null",
        b'"',
        b"{}",
        b"}",
        b"1e39",
        b"1e16",
        b"\x0b",
        b"x",
    ]
    verdicts = set()
    for _ in range(20_000):
        body = bytearray(body_of(generator, generator.randrange(1, 8)))
        for _ in range(generator.choice([1, 1, 2])):
            at = generator.randrange(len(body) + 1)
            body[at : at + generator.randrange(2)] = generator.choice(pieces)
        body = bytes(body)
        expected = outcome(parser._many_at_once(body, ROWS))
        assert outcome(parser.many(body, ROWS)) == expected, body
        verdicts.add(expected[0] if isinstance(expected, tuple) else 200)
    assert verdicts == {200, 400, 422}


@pytest.mark.parametrize(
    ("tail", "field"),
    [(b', "more": [1]}', "more"), (b', "traces": [[1, 2, 3, 4, 5]]}', "traces"), (b" x}", "body")],
)
def test_what_follows_the_last_chunk_counts(parser, tail, field):
    body = body_of(random.Random(3), 2 * ROWS).rstrip(b" \n}") + tail

    assert outcome(parser.many(body, ROWS))[1] == field


def test_the_undefined_value_is_zero_and_nothing_else_out_of_range_passes():
    parser = TraceParser(3, 10, 1e30)
    trace = parser.one(b'{"trace": [1, 1e30, -2]}')
    assert trace.tolist() == [[1, 0, -2]]
    (traces,) = parser.many(b'{"traces": [[1e30, 1e30, 5], [1, 2, 3]]}', 5)
    assert traces.tolist() == [[0, 0, 5], [1, 2, 3]]
    for body in (b'{"trace": [1e30, 2, 1e29]}', b'{"trace": [1e30, 2, -1e30]}'):
        with pytest.raises(RequestError, match=r"within ±1e\+15") as raised:
            parser.one(body)
        assert raised.value.field == "trace[2]"
    with pytest.raises(RequestError):
        TraceParser(3, 10).one(b'{"trace": [1, 1e30, -2]}')
