import asyncio

import numpy as np
import pytest

from kit.serving.batching import MicroBatcher


def row(value):
    return np.full((1, 4), value, np.float32)


class Model:
    """Answers with each row's first value, refuses negative ones, and records its calls."""

    def __init__(self):
        self.calls = []

    def __call__(self, rows):
        self.calls.append(len(rows))
        if (rows < 0).any():
            raise ValueError("negative")
        return rows[:, :2].astype(float)


def run(model, *items, rows_at_once=256):
    async def gather():
        batcher = MicroBatcher(model, lambda probabilities: None, rows_at_once)
        return await asyncio.gather(*map(batcher.predict, items), return_exceptions=True)

    return asyncio.run(asyncio.wait_for(gather(), 10))


def test_what_waits_together_shares_one_call():
    model = Model()

    answers = run(model, *(row(value) for value in range(20)))

    assert model.calls == [20]
    assert [answer[0, 0] for answer in answers] == list(range(20))


def test_a_call_has_no_more_rows_than_allowed_and_order_is_kept():
    model = Model()
    items = [row(1), np.repeat(row(2), 5, axis=0), row(3), np.repeat(row(4), 9, axis=0)]

    answers = run(model, *items, rows_at_once=6)

    assert model.calls == [6, 1, 9]
    assert [(len(answer), answer[0, 0]) for answer in answers] == [(1, 1), (5, 2), (1, 3), (9, 4)]


def test_one_bad_trace_fails_alone():
    answers = run(Model(), row(1), row(-1), row(2))

    assert answers[0][0, 0] == 1
    assert isinstance(answers[1], ValueError)
    assert answers[2][0, 0] == 2


def test_a_client_that_left_costs_nothing_and_the_next_is_served():
    model = Model()

    async def leave():
        batcher = MicroBatcher(model, lambda probabilities: None)
        left = asyncio.ensure_future(batcher.predict(row(1)))
        await asyncio.sleep(0)
        left.cancel()
        answer = await batcher.predict(row(2))
        with pytest.raises(asyncio.CancelledError):
            await left
        return answer

    assert asyncio.run(asyncio.wait_for(leave(), 10))[0, 0] == 2
    assert model.calls == [1]
