"""Reads rows of JSON requests by a pydantic model, which also describes them in OpenAPI.

That is fast enough for rows of some hundred numbers. A trainer with longer rows has its own reader.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError

from kit.serving.handler import Request
from kit.serving.requests.bodies import invalid, only_field, parsed

# The bytes around a row's values, with white space and indentation.
BYTES_A_VALUE, BYTES_AROUND = 64, 4096
MAX_BATCH = 10_000
# pydantic begins most of its messages so.
EXPECTED = "Input should be "
LONGEST_VALUE = 60


class JsonRows[Row: BaseModel]:
    """Rows as objects of one form. See `kit.serving.handler.Parser`.

    Parameters
    ----------
    row : the form. It should be strict, forbid further fields, and refuse NaN and infinity.
    values : turns n > 0 checked rows into an array (n, n_values) of numbers.
    field, fields : the fields of the bodies of /predict and /batch_predict.
    n_values : the numbers of a row.
    max_batch : the largest number of rows in one body.
    """

    def __init__(
        self,
        row: type[Row],
        values: Callable[[list[Row]], np.ndarray],
        field: str,
        fields: str,
        n_values: int,
        max_batch: int = MAX_BATCH,
    ) -> None:
        self._row = row
        self._read = TypeAdapter(list[row]).validate_json
        self._values = values
        self._field = field
        self._fields = fields
        self._max_batch = max_batch
        self.most_bytes = n_values * BYTES_A_VALUE + BYTES_AROUND

    def request(self, sample: str) -> Request:
        """The form of requests, for OpenAPI. `sample` says what /sample gives."""
        return Request(self._field, self._fields, self._row.model_json_schema(), self._row, sample)

    def one(self, body: bytes | bytearray) -> np.ndarray:
        """The row of a body of /predict, (1, n_values) float32. Raises RequestError."""
        row = only_field(parsed(body, "body"), self._field, self._fields)
        return self._array([row], lambda _: self._field)

    def many(self, body: bytes | bytearray, rows: int) -> Iterator[np.ndarray]:
        """The rows of a body of /batch_predict, as arrays of up to (rows, n_values) float32.

        Each step checks its own rows. Raises RequestError.
        """
        given = only_field(parsed(body, "body"), self._fields, self._field)
        if not isinstance(given, list) or not 1 <= len(given) <= self._max_batch:
            found = f"{len(given)}" if isinstance(given, list) else "no list"
            raise invalid(
                self._fields, f"expected a list of 1 to {self._max_batch} {self._fields}, got {found}"
            )
        for start in range(0, len(given), rows):
            yield self._array(given[start : start + rows], self._names(start))

    def array(self, rows: list[Any]) -> np.ndarray:
        """The array (n, n_values) float32 of n > 0 rows in JSON. Raises RequestError."""
        return self._array(rows, self._names(0))

    def _names(self, start: int) -> Callable[[int], str]:
        return lambda place: f"{self._fields}[{start + place}]"

    def _array(self, rows: list[Any], name: Callable[[int], str]) -> np.ndarray:
        try:
            # In JSON, pydantic's strict mode allows what JSON has no type for, such as times.
            checked = self._read(orjson.dumps(rows))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place, *inner = first["loc"]
            raise invalid(name(place) + "".join(map(_step, inner)), _told(first)) from None
        with np.errstate(over="ignore"):
            array = np.asarray(self._values(checked)).astype(np.float32)
        for place in np.flatnonzero(~np.isfinite(array).all(axis=1))[:1]:
            raise invalid(name(place), "a number is too large; expected numbers that float32 can hold")
        return array


def _step(part: str | int) -> str:
    return f"[{part}]" if isinstance(part, int) else f".{part[:LONGEST_VALUE]}"


def _told(error: Any) -> str:
    """One of pydantic's errors in the words of the service."""
    if error["type"] == "missing":
        return "missing"
    if error["type"] == "extra_forbidden":
        return "unknown field"
    if not error["msg"].startswith(EXPECTED):
        return str(error["msg"]).removeprefix("Value error, ")
    given = error["input"]
    got = (
        f", got {orjson.dumps(given).decode()[:LONGEST_VALUE]}" if not isinstance(given, dict | list) else ""
    )
    return f"expected {error['msg'].removeprefix(EXPECTED)}{got}"
