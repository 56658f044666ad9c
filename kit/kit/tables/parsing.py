"""Turns JSON bodies into rows by the columns' names. What is wrong is told by its place."""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from kit.serving.requests.bodies import NONFINITE, invalid, json_kind, only_field, parsed
from kit.tables.reading import listed

# The bytes of a number with white space around it, and the bytes around the numbers.
BYTES_A_NUMBER, BYTES_AROUND = 64, 4096
# The bytes that are parsed in one piece. This takes some 10 ms, in which nothing else is answered.
AT_ONCE_BYTES = 1 << 20
NUMBERS = frozenset((float, int))
LARGEST = float(np.finfo(np.float32).max)
# JSON's white space is narrower than \s.
SPACE = rb"[ \t\r\n]*+"
HEAD = re.compile(rb'%b\{%b"rows"%b:%b\[' % ((SPACE,) * 4))
TAIL = re.compile(rb"%b\]%b\}%b" % ((SPACE,) * 3))
# An object without objects in it. A brace within a column's name does not end it.
ROW = re.compile(rb'%b(\{(?:[^{}"]++|"(?:[^"\\]++|\\.)*+")*+\})' % SPACE, re.DOTALL)
COMMA = re.compile(rb"%b," % SPACE)


class RowParser:
    """Reads rows of these columns from JSON. See `kit.serving.handler.Parser`."""

    def __init__(self, columns: Sequence[str], max_batch: int) -> None:
        self._columns = tuple(columns)
        self._known = frozenset(columns)
        self._max_batch = max_batch
        self._pack = struct.Struct(f"{len(self._columns)}f").pack

    @property
    def most_bytes(self) -> int:
        """The largest length of a body with one row. A character may have six bytes, as in \\u0061."""
        names = sum(6 * len(name.encode("utf-16-le")) // 2 for name in self._columns)
        return names + len(self._columns) * BYTES_A_NUMBER + BYTES_AROUND

    def one(self, body: bytes | bytearray) -> np.ndarray:
        """The row of `{"row": {...}}` as (1, n_columns) float32. Raises RequestError."""
        return self._array([only_field(parsed(body, "body"), "row", "rows")], lambda _: "row")

    def many(self, body: bytes | bytearray, rows: int) -> Iterator[np.ndarray]:
        """The rows of `{"rows": [{...}, ...]}` as arrays of up to (rows, n_columns) float32.

        A large body is parsed row after row, so that its rows are never all Python objects. Each step checks
        its own rows. Raises RequestError.
        """
        if len(body) > AT_ONCE_BYTES:
            yield from self._many_in_turn(bytes(body), rows)
            return
        given = only_field(parsed(body, "body"), "rows", "row")
        if type(given) is not list:
            raise invalid("rows", f"expected a list of 1 to {self._max_batch} rows, got {json_kind(given)}")
        self._check_count(len(given))
        for start in range(0, len(given), rows):
            yield self._array(
                given[start : start + rows], lambda index, start=start: f"rows[{start + index}]"
            )

    def _many_in_turn(self, body: bytes, rows: int) -> Iterator[np.ndarray]:
        head = HEAD.match(body)
        if head is None:
            raise invalid("body", 'expected an object whose only field is "rows", a list of objects')
        position, done, more = head.end(), 0, True
        while more:
            piece: list[Any] = []
            while more and len(piece) < rows:
                field = f"rows[{done + len(piece)}]"
                found = ROW.match(body, position)
                if found is None:
                    raise invalid(field, "expected an object with a number for each column")
                piece.append(parsed(found.group(1), field))
                self._check_count(done + len(piece))
                comma = COMMA.match(body, found.end())
                more, position = comma is not None, (comma or found).end()
            yield self._array(piece, lambda index, done=done: f"rows[{done + index}]")
            done += len(piece)
        if not TAIL.fullmatch(body, position):
            raise invalid(f"rows[{done}]", 'expected "]}" and nothing more')

    def _check_count(self, count: int) -> None:
        if not 1 <= count <= self._max_batch:
            raise invalid("rows", f"expected 1 to {self._max_batch} rows, got {count or 'none'}")

    def _array(self, rows: list[Any], field: Any) -> np.ndarray:
        packed = []
        for index, row in enumerate(rows):
            if type(row) is not dict or row.keys() != self._known:
                self._refuse_columns(row, field(index))
            values = [row[name] for name in self._columns]
            try:
                if not NUMBERS.issuperset(map(type, values)):
                    self._refuse_values(row, field(index))
                packed.append(self._pack(*values))
            except (OverflowError, struct.error):
                self._refuse_values(row, field(index))
        array = np.frombuffer(b"".join(packed), np.float32).reshape(len(rows), len(self._columns))
        if not np.isfinite(array).all():
            wrong = int(np.argmin(np.isfinite(array).all(axis=1)))
            self._refuse_values(rows[wrong], field(wrong))
        return array

    def _refuse_columns(self, row: Any, field: str) -> NoReturn:
        if type(row) is not dict:
            raise invalid(field, f"expected an object with a number for each column, got {json_kind(row)}")
        faults = {"missing": sorted(self._known - row.keys()), "unknown": sorted(row.keys() - self._known)}
        said = "; ".join(f"{what}: {listed(names)}" for what, names in faults.items() if names)
        raise invalid(field, f"{said}; expected {listed(self._columns)}")

    def _refuse_values(self, row: Mapping[str, Any], field: str) -> NoReturn:
        for name in self._columns:
            value = row[name]
            if type(value) not in NUMBERS or not abs(value) <= LARGEST:
                is_number = type(value) in NUMBERS
                found = "one that float32 cannot hold" if is_number else json_kind(value)
                # JavaScript and others write null for NaN.
                quality = NONFINITE if is_number or value is None else None
                raise invalid(f"{field}.{name}", f"expected a finite number, got {found}", quality)
        raise AssertionError(f"{field}: every value is a number")
