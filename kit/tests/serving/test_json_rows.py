"""Rows that a pydantic model describes: what is read, and what is refused by its place."""

import numpy as np
import orjson
import pytest
from pydantic import BaseModel, ConfigDict, Field

from kit.server.errors import RequestError
from kit.serving.requests.json_rows import JsonRows


class Point(BaseModel):
    """Two numbers, and a list of two more."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    x: float
    y: float = Field(le=10)
    more: list[float] = Field(min_length=2, max_length=2)


ROWS = JsonRows(
    Point, lambda points: np.array([[p.x, p.y, *p.more] for p in points]), "point", "points", 4, 5
)
GOOD = {"x": 1, "y": 2.5, "more": [0.1, -3]}


def body(**document):
    return orjson.dumps(document)


def refusal(read, given):
    with pytest.raises(RequestError) as error:
        list(read(given))
    return error.value.status, error.value.field, error.value.message


def many(given):
    return ROWS.many(given, 2)


def test_a_row_and_rows_in_pieces_are_float32():
    one = ROWS.one(body(point=GOOD))
    assert one.dtype == np.float32
    assert one.tolist() == [[1, 2.5, np.float32(0.1), -3]]
    pieces = list(many(body(points=[GOOD | {"x": x} for x in range(5)])))
    assert [piece.shape for piece in pieces] == [(2, 4), (2, 4), (1, 4)]
    assert np.concatenate(pieces)[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert np.array_equal(ROWS.array([GOOD]), one)


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"x": "1"}, "point.x", 'expected a valid number, got "1"'),
        ({"x": True}, "point.x", "expected a valid number, got true"),
        ({"x": None}, "point.x", "expected a valid number, got null"),
        ({"y": 11}, "point.y", "expected less than or equal to 10, got 11"),
        ({"more": [1, "b"]}, "point.more[1]", 'expected a valid number, got "b"'),
        ({"more": [1]}, "point.more", "List should have at least 2 items after validation, not 1"),
        ({"z": 1}, "point.z", "unknown field"),
        ({"x": 1e39}, "point", "a number is too large; expected numbers that float32 can hold"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(wrong, field, says):
    assert refusal(ROWS.one, body(point=GOOD | wrong)) == (422, field, says)
    in_batch = field.replace("point", "points[2]", 1)
    assert refusal(many, body(points=[GOOD, GOOD, GOOD | wrong])) == (422, in_batch, says)


@pytest.mark.parametrize(
    ("read", "given", "status", "field", "says"),
    [
        (ROWS.one, b'{"point": {"x": NaN}}', 400, "body", "expected JSON: "),
        (ROWS.one, b"[]", 422, "body", 'expected an object with the field "point"'),
        (ROWS.one, body(points=[]), 422, "point", 'missing; "points" belongs to the other endpoint'),
        (ROWS.one, body(point=GOOD, more=1), 422, "more", 'unknown field; the only field is "point"'),
        (ROWS.one, body(**{"point": GOOD, "": 1}), 422, "", 'unknown field; the only field is "point"'),
        (ROWS.one, body(point={"x": 1}), 422, "point.y", "missing"),
        (ROWS.one, body(point=[1, 2]), 422, "point", "expected an object"),
        (many, body(points=[]), 422, "points", "expected a list of 1 to 5 points, got 0"),
        (many, body(points=[GOOD] * 6), 422, "points", "expected a list of 1 to 5 points, got 6"),
        (many, body(points=GOOD), 422, "points", "expected a list of 1 to 5 points, got no list"),
    ],
)
def test_a_body_of_another_form_is_refused(read, given, status, field, says):
    found = refusal(read, given)
    assert found[:2] == (status, field)
    assert found[2].startswith(says)


def test_it_describes_itself():
    request = ROWS.request("A point.")
    assert (request.field, request.fields, request.sample) == ("point", "points", "A point.")
    assert request.schema["properties"].keys() == {"x", "y", "more"}
    assert request.schema["additionalProperties"] is False
    assert ROWS.most_bytes > len(body(point=GOOD))
