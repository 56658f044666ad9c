"""The ring of the features of the rows that were classified last."""

import threading

import numpy as np
import pytest

from kit.drift.window import MOST_AGE_SECONDS, MOST_ROWS, FeatureWindow


def rows(first, count):
    return np.arange(first, first + count, dtype=float)[:, None] * [1, 10]


@pytest.fixture
def now():
    return [1000.0]


@pytest.fixture
def window(now):
    return FeatureWindow(2, capacity=10, clock=lambda: now[0])


def numbers(window):
    taken = window.take()
    np.testing.assert_array_equal(taken[:, 1], taken[:, 0] * 10)
    return taken[:, 0].tolist()


def test_what_was_added_is_there_oldest_first(window):
    assert window.take().shape == (0, 2)
    window.add(rows(1, 3))
    window.add(rows(4, 1))
    assert numbers(window) == [1, 2, 3, 4]
    assert window.added == 4


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_full_ring_holds_the_newest(window, count):
    for first in range(0, 60, count):
        window.add(rows(first, count))
    assert numbers(window) == list(range(50, 60))


def test_a_call_that_meets_the_end_leaves_what_fits(window):
    window.add(rows(0, 8))
    window.add(rows(8, 4))
    assert numbers(window) == list(range(10))
    window.add(rows(20, 3))
    assert numbers(window) == [3, 4, 5, 6, 7, 8, 9, 20, 21, 22]


def test_old_rows_are_not_taken(window, now):
    window.add(rows(0, 2))
    now[0] += MOST_AGE_SECONDS - 1
    window.add(rows(2, 1))
    assert numbers(window) == [0, 1, 2]
    now[0] += 2
    assert numbers(window) == [2]
    now[0] += MOST_AGE_SECONDS
    assert numbers(window) == []


@pytest.mark.parametrize("count", [MOST_ROWS, MOST_ROWS + 1, 512, 5000])
def test_of_a_large_batch_a_few_rows_are_kept_from_all_of_it(count):
    window = FeatureWindow(2)
    window.add(rows(0, count))
    kept = np.array(numbers(window))
    assert MOST_ROWS / 2 < len(kept) <= MOST_ROWS
    assert len(set(np.diff(kept).tolist())) == 1
    assert kept[-1] >= count * 0.95


def test_what_is_kept_and_taken_is_a_copy(window):
    given = rows(1, 2)
    window.add(given)
    given[:] = 0
    window.take()[:] = 0
    assert numbers(window) == [1, 2]


def test_adding_does_not_wait_for_who_is_copying(window):
    window.add(rows(1, 1))
    with window._lock:
        adding = threading.Thread(target=window.add, args=(rows(2, 1),))
        adding.start()
        adding.join(5)
        assert not adding.is_alive()
    window.add(rows(3, 1))
    assert numbers(window) == [1, 3]


def test_rows_are_whole_while_another_thread_adds():
    window = FeatureWindow(40, capacity=300)
    done = threading.Event()

    def add():
        number = 0
        while not done.is_set():
            number += 1
            window.add(np.full((number % 64 + 1, 40), float(number)))

    adding = threading.Thread(target=add)
    adding.start()
    try:
        for _ in range(300):
            taken = window.take()
            assert (taken == taken[:, :1]).all()
            assert (np.diff(taken[:, 0]) >= 0).all()
    finally:
        done.set()
        adding.join()
