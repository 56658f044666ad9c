"""Rows in JSON: what is read, and what is refused by its place."""

import json

import numpy as np
import orjson
import pytest

from kit.server.errors import RequestError
from kit.tables import parsing
from kit.tables.parsing import RowParser

from .wines import COLUMNS, ROWS, as_json

PARSER = RowParser(COLUMNS, max_batch=300)
GOOD = as_json(ROWS[0])
ALCOHOL, ASH = COLUMNS


@pytest.fixture(params=["at once", "in turn"])
def many(request, monkeypatch):
    """Parse a batch, whatever its size is, in both ways."""
    if request.param == "in turn":
        monkeypatch.setattr(parsing, "AT_ONCE_BYTES", 0)

    def parse(body, rows=7):
        return list(PARSER.many(body if isinstance(body, bytes) else orjson.dumps(body), rows))

    return parse


def refusal(parse, body):
    with pytest.raises(RequestError) as raised:
        parse(body if isinstance(body, bytes) else orjson.dumps(body))
    return raised.value


def test_a_row_is_read_by_its_names_in_any_order():
    body = orjson.dumps({"row": dict(reversed(GOOD.items()))})
    np.testing.assert_array_equal(PARSER.one(body), ROWS[:1])
    np.testing.assert_array_equal(PARSER.one(orjson.dumps({"row": {ALCOHOL: 1, ASH: -2}})), [[1, -2]])


def test_a_row_of_one_column_is_read():
    np.testing.assert_array_equal(RowParser(["ash"], 1).one(b'{"row":{"ash":2}}'), [[2]])


@pytest.mark.parametrize("indent", [None, 3])
def test_a_batch_comes_in_pieces_and_in_order(many, indent):
    body = json.dumps({"rows": [as_json(row) for row in ROWS[:20]]}, indent=indent).encode()
    pieces = many(body)
    assert [len(piece) for piece in pieces] == [7, 7, 6]
    np.testing.assert_array_equal(np.concatenate(pieces), ROWS[:20])


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        ({ALCOHOL: 1}, "row", f"missing: {ASH}; expected alcohol, {ASH}"),
        ({**GOOD, "acid": 1}, "row", "unknown: acid; expected"),
        ({ALCOHOL: 1, "acid": 1}, "row", f"missing: {ASH}; unknown: acid; expected"),
        ([1, 2], "row", "expected an object with a number for each column, got a list"),
        (None, "row", "expected an object with a number for each column, got null"),
        ({**GOOD, ASH: "2"}, f"row.{ASH}", "expected a finite number, got a string"),
        ({**GOOD, ASH: True}, f"row.{ASH}", "expected a finite number, got a boolean"),
        ({**GOOD, ASH: None}, f"row.{ASH}", "expected a finite number, got null"),
        (
            {**GOOD, ALCOHOL: 1e39},
            "row.alcohol",
            "expected a finite number, got one that float32 cannot hold",
        ),
        ({**GOOD, ALCOHOL: 2**63}, None, None),
    ],
)
def test_a_wrong_row_is_refused_by_its_place_alone_and_in_a_batch(many, row, field, said):
    if field is None:
        assert PARSER.one(orjson.dumps({"row": row}))[0, 0] == np.float32(row[ALCOHOL])
        return
    alone = refusal(PARSER.one, {"row": row})
    assert (alone.status, alone.field) == (422, field)
    assert alone.message.startswith(said)
    batch = refusal(many, {"rows": [*[GOOD] * 9, row, GOOD]})
    assert batch.status in (400, 422)
    assert batch.field == field.replace("row", "rows[9]", 1)


def test_what_is_not_finite_counts_as_such():
    assert refusal(PARSER.one, {"row": {**GOOD, ASH: None}}).quality == {"nonfinite": 1}
    assert refusal(PARSER.one, {"row": {**GOOD, ASH: 4e38}}).quality == {"nonfinite": 1}
    assert refusal(PARSER.one, {"row": {**GOOD, ASH: "x"}}).quality == {}


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999"])
def test_numbers_that_are_not_json_are_refused(many, number):
    body = b'{"row":{"alcohol":%b,"ash \\"}\\"":1}}' % number
    assert refusal(PARSER.one, body).status in (400, 422)
    assert refusal(many, body.replace(b'"row":', b'"rows":[').replace(b"}}", b"}]}")).status in (400, 422)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"), (b"[]", "body"), (b"{", "body"), (b"{}", "row"), (b'{"rows":[]}', "row"),
        (b'{"row":{},"more":1}', "more"),
    ],
)  # fmt: skip
def test_a_body_without_exactly_a_row_is_refused(body, field):
    assert refusal(PARSER.one, body).field == field


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"row":{}}', b'{"rows":{}}', b'{"rows":[]}', b'{"rows":[{}]}']
)
def test_a_body_without_rows_is_refused(many, body):
    assert refusal(many, body).status in (400, 422)


@pytest.mark.parametrize("end", [b"", b"]", b"]}]", b"]}{", b',"rows":[]}', b",]}", b"]}\x00"])
def test_a_batch_that_ends_otherwise_is_refused(many, end):
    body = orjson.dumps({"rows": [GOOD, GOOD]}).removesuffix(b"]}") + end
    assert refusal(many, body).status in (400, 422)


def test_a_batch_has_a_largest_number_of_rows(many):
    assert sum(map(len, many({"rows": [GOOD] * 300}))) == 300
    told = refusal(many, {"rows": [GOOD] * 301})
    assert told.field == "rows"
    assert told.message == "expected 1 to 300 rows, got 301"


def test_a_body_of_one_row_is_bounded_by_its_columns():
    longest = json.dumps({"row": dict.fromkeys(["ü" * 50, "b"], -1.7976931348623157e-308)}, indent=8)
    assert len(longest) < RowParser(["ü" * 50, "b"], 1).most_bytes < 5000


def test_a_forged_batch_costs_no_more_than_its_bytes(monkeypatch):
    monkeypatch.setattr(parsing, "AT_ONCE_BYTES", 0)
    # An unfinished text in an unfinished object: a pattern that tries every way would not end.
    body = b'{"rows":[{' + b'"a' * 200_000
    assert refusal(lambda given: list(PARSER.many(given, 7)), body).field == "rows[0]"
