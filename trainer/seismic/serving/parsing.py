"""Turns JSON bodies into arrays by its own code: for 462 numbers, pydantic costs more than the model."""

import re
import struct
from collections.abc import Iterator
from typing import NoReturn

import numpy as np
import orjson

from kit.server.errors import RequestError
from kit.serving.requests.bodies import NONFINITE, invalid, json_kind, only_field, parsed
from seismic.data.amplitudes import LARGEST_AMPLITUDE, define, is_undefined

# The bytes of a trace's number with white space and indentation, and the bytes around the numbers.
BYTES_A_SAMPLE, BYTES_AROUND = 64, 4096
# The bytes that are parsed in one piece. This takes some 10 ms, in which nothing else is answered.
AT_ONCE_BYTES = 1 << 20
NUMBERS = frozenset((float, int))
NOT_JSON_NUMBER = re.compile(rb"(?<![\w\"])-?(NaN|Infinity|Inf)(?![\w\"])", re.IGNORECASE)
# JSON's white space is narrower than \s.
BATCH_HEAD = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"traces"[ \t\r\n]*:[ \t\r\n]*\[')
BATCH_TAIL = re.compile(rb"[ \t\r\n]*\][ \t\r\n]*\}[ \t\r\n]*")
FIRST_TRACE = re.compile(rb"[ \t\r\n]*\[")
NEXT_TRACE = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*\[")


class TraceParser:
    """Reads traces of one length from JSON.

    struct.pack turns a list of floats into float32 three times as fast as numpy does, and raises for
    everything that is no number. Only booleans pass it, so bodies that may hold one get a closer look.
    """

    def __init__(self, n_samples: int, max_batch: int, undefined: float | None = None) -> None:
        self.n_samples = n_samples
        self.max_batch = max_batch
        self.undefined = undefined
        self._pack = struct.Struct(f"{n_samples}f").pack

    @property
    def most_bytes(self) -> int:
        """The largest length of a body with one trace."""
        return self.n_samples * BYTES_A_SAMPLE + BYTES_AROUND

    def one(self, body: bytes) -> np.ndarray:
        """The trace of `{"trace": [...]}` as (1, n_samples) float32. Raises RequestError."""
        trace = only_field(_parsed(body, "body"), "trace", "traces")
        return self._array([trace], ["trace"], _may_hold_boolean(body))

    def many(self, body: bytes, rows: int) -> Iterator[np.ndarray]:
        """The traces of `{"traces": [[...], ...]}` as arrays of up to (rows, n_samples) float32.

        Each step checks its own traces. Raises RequestError.
        """
        done = 0
        try:
            for array in self._many_in_turn(body, rows):
                yield array
                done += len(array)
        except _Unusual:
            if len(body) > AT_ONCE_BYTES:
                self._refuse(body)
            whole = self._many_at_once(body, rows)
            if not done:
                yield from whole
                return
            for _ in whole:
                pass  # it raises the error
            # Without an error, the body has a second "traces", and the first has been predicted.
            raise invalid("traces", "given more than once") from None

    def _many_in_turn(self, body: bytes, rows: int) -> Iterator[np.ndarray]:
        """Parse trace after trace, so that a batch's numbers are never all Python objects.

        This takes half the time, and a tenth of the memory. An unexpected body raises `_Unusual`, and is left
        to `_many_at_once`.
        """
        # numpy counts five times as fast as bytes.count.
        count = np.count_nonzero(np.frombuffer(body, np.uint8) == ord("]")) - 1
        head = BATCH_HEAD.match(body)
        if head is None or _may_hold_boolean(body) or not 1 <= count <= self.max_batch:
            raise _Unusual
        position, begin = head.end(), FIRST_TRACE
        for start in range(0, count, rows):
            packed = []
            for _ in range(min(rows, count - start)):
                opening = begin.match(body, position)
                if opening is None:
                    raise _Unusual
                position, begin = body.index(b"]", opening.end()) + 1, NEXT_TRACE
                try:
                    packed.append(self._pack(*orjson.loads(body[opening.end() - 1 : position])))
                except (orjson.JSONDecodeError, struct.error, OverflowError):
                    raise _Unusual from None
            array = self._amplitudes(b"".join(packed), len(packed))
            if not np.abs(array).max() <= LARGEST_AMPLITUDE:
                raise _Unusual
            if start + len(packed) == count and not BATCH_TAIL.fullmatch(body, position):
                raise _Unusual
            yield array

    def _many_at_once(self, body: bytes, rows: int) -> Iterator[np.ndarray]:
        traces = only_field(_parsed(body, "body"), "traces", "trace")
        suspicious = _may_hold_boolean(body)
        if type(traces) is not list:
            raise invalid(
                "traces", f"expected a list of 1 to {self.max_batch} traces, got {json_kind(traces)}"
            )
        if not 1 <= len(traces) <= self.max_batch:
            raise invalid("traces", f"expected 1 to {self.max_batch} traces, got {len(traces)}")
        for start in range(0, len(traces), rows):
            yield self._array(traces[start : start + rows], _Names(start), suspicious)

    def _refuse(self, body: bytes) -> NoReturn:
        """Find the error of a large batch, trace after trace.

        In one piece, the search would stop other requests.
        """
        head = BATCH_HEAD.match(body)
        if head is None:
            raise invalid("body", 'expected an object whose only field is "traces", a list of traces')
        position, begin, index = head.end(), FIRST_TRACE, 0
        while (opening := begin.match(body, position)) is not None:
            if index == self.max_batch:
                raise invalid("traces", f"expected 1 to {self.max_batch} traces, got more")
            end = body.find(b"]", opening.end()) + 1 or len(body)
            name = f"traces[{index}]"
            self._array([_parsed(body[opening.end() - 1 : end], name)], [name], True)
            position, begin, index = end, NEXT_TRACE, index + 1
        if BATCH_TAIL.fullmatch(body, position):
            raise invalid("traces", "given more than once")
        raise invalid(f"traces[{index}]", f"expected a list of {self.n_samples} numbers, or the body's end")

    def _array(self, traces: list, names: "list[str] | _Names", suspicious: bool) -> np.ndarray:
        try:
            packed = b"".join([self._pack(*trace) for trace in traces])
        except (struct.error, TypeError, OverflowError):
            packed = None
        if packed is None or suspicious:
            for index, trace in enumerate(traces):
                self._check_types(trace, names[index])
        array = None
        if packed is not None:
            array = self._amplitudes(packed, len(traces))
        if array is None or not np.abs(array).max() <= LARGEST_AMPLITUDE:
            for index, trace in enumerate(traces):
                self._check_amplitudes(trace, names[index])
        return array

    def _amplitudes(self, packed: bytes, rows: int) -> np.ndarray:
        """(rows, n_samples) float32. The undefined value becomes 0, as in the trainer's survey."""
        array = np.frombuffer(packed, np.float32).reshape(rows, self.n_samples)
        if self.undefined is not None:
            array = array.copy()
            define(array, self.undefined)
        return array

    def _check_types(self, trace: object, field: str) -> None:
        expected = f"expected {self.n_samples} finite numbers (amplitudes)"
        if type(trace) is not list:
            raise invalid(field, f"{expected}, got {json_kind(trace)}")
        if len(trace) != self.n_samples:
            raise invalid(field, f"{expected}, got {len(trace)}")
        for index, value in enumerate(trace):
            if type(value) not in NUMBERS:
                raise invalid(
                    f"{field}[{index}]",
                    f"expected a finite number (amplitude), got {json_kind(value)}",
                    # JavaScript and others write this for NaN.
                    NONFINITE if value is None else None,
                )

    def _check_amplitudes(self, trace: list, field: str) -> None:
        for index, value in enumerate(trace):
            if not abs(value) <= LARGEST_AMPLITUDE and not is_undefined(value, self.undefined):
                raise invalid(
                    f"{field}[{index}]",
                    f"expected an amplitude within ±{LARGEST_AMPLITUDE:.0e}, got {value:.3g}",
                    {"out_of_range": 1},
                )


class _Unusual(Exception):
    """A batch that is not plainly a list of good traces."""


class _Names:
    """Names of the traces of a batch. They are made only for an error."""

    def __init__(self, start: int) -> None:
        self.start = start

    def __getitem__(self, index: int) -> str:
        return f"traces[{self.start + index}]"


def _parsed(text: bytes, field: str) -> object:
    try:
        return parsed(text, field)
    except RequestError:
        if (found := NOT_JSON_NUMBER.search(text)) is None:
            raise
        message = f"{found.group().decode()} at byte {found.start()} is not JSON: expected finite numbers"
        raise RequestError(400, "invalid_json", field, message, NONFINITE) from None


def _may_hold_boolean(body: bytes) -> bool:
    # "true" has a u and "false" an l, but "traces" has neither. One byte is found ten times as fast as four.
    return b"u" in body or b"l" in body
