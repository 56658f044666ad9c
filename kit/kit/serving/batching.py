"""Micro-batching: the rows that wait at the same moment are predicted in one call.

A call of the first trainer takes 0.05 to 0.1 ms for one row and 0.1 to 0.3 ms for thirty. With a pipeline
that is not compiled, it takes up to 2 ms for either. So requests that arrive during a call share the next
one. Nothing is delayed on purpose: a single request is predicted at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from math import isfinite

import numpy as np

# Rows of one call: 5 ms of gradient boosting, or 10 ms if it is not compiled. Meanwhile other requests and
# health checks wait.
ROWS_AT_ONCE = 512
# Numbers of one call, as many as 512 rows of common length have. A call has fewer long rows.
VALUES_AT_ONCE = 1 << 18


class BadPrediction(Exception):
    """The model's predictions cannot be an answer. The message says why, without any value of a request."""


def rows_at_once(n_values: int) -> int:
    """The number of rows of this length in one call, at least one."""
    return max(1, min(ROWS_AT_ONCE, VALUES_AT_ONCE // n_values))


class MicroBatcher:
    """Joins concurrent predictions into calls of `predict`.

    Calls run in the event loop itself: on one core a thread only adds switches, and a call takes a few
    milliseconds.

    Parameters
    ----------
    predict : (n, n_values) float32 -> (n, n_outputs) float64, the model.
    observe : called after each successful call with its (n, n_outputs) predictions.
    rows_at_once : the number of rows at which a call is full. A single item may be larger.
    """

    def __init__(
        self,
        predict: Callable[[np.ndarray], np.ndarray],
        observe: Callable[[np.ndarray], None],
        rows_at_once: int = ROWS_AT_ONCE,
    ) -> None:
        self._predict = predict
        self._observe = observe
        self._rows_at_once = rows_at_once
        self._waiting: deque[tuple[np.ndarray, asyncio.Future[np.ndarray]]] = deque()
        self._scheduled = False

    async def predict(self, rows: np.ndarray) -> np.ndarray:
        """Predictions (n, n_outputs) of (n, n_values) rows, all of them finite.

        Raises the model's error for these rows, or BadPrediction. Other requests of the same call are not
        affected.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[np.ndarray] = loop.create_future()
        self._waiting.append((rows, future))
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._run, loop)
        return await future

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        """One call for as many items as fit. Then the loop gets its turn."""
        items, count = [], 0
        while self._waiting and (not items or count + len(self._waiting[0][0]) <= self._rows_at_once):
            rows, future = self._waiting.popleft()
            if not future.done():  # the client may have gone
                items.append((rows, future))
                count += len(rows)
        if items:
            self._answer(items)
        if self._waiting:
            loop.call_soon(self._run, loop)
        else:
            self._scheduled = False

    def _answer(self, items: list[tuple[np.ndarray, asyncio.Future[np.ndarray]]]) -> None:
        try:
            joined = items[0][0] if len(items) == 1 else np.concatenate([rows for rows, _ in items])
            predictions = self._predict(joined)
            check_predictions(predictions, len(joined))
        except Exception as error:
            if len(items) == 1:
                items[0][1].set_exception(error)
            else:
                # One of them has an error, so ask one by one, and only that request fails.
                for item in items:
                    self._answer([item])
            return
        self._observe(predictions)
        start = 0
        for rows, future in items:
            future.set_result(predictions[start : start + len(rows)])
            start += len(rows)


def check_predictions(predictions: np.ndarray, rows: int) -> None:
    """Check that there is a prediction for each of the rows, all finite. Raises BadPrediction."""
    if len(predictions) != rows:
        raise BadPrediction(f"the model gave {len(predictions)} predictions for {rows} rows")
    # For one row, numpy would take five times as long.
    if not (all(map(isfinite, predictions[0].tolist())) if rows == 1 else np.isfinite(predictions).all()):
        raise BadPrediction("the model predicted a number that is not finite")
