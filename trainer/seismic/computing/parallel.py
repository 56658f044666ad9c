"""Threads that keep order: results come back as if there had been one."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor


def default_workers() -> int:
    """The number of processors this process may run on."""
    return len(os.sched_getaffinity(0))


def ordered_map[A, B](
    function: Callable[[A], B], items: Iterable[A], workers: int | None = None
) -> Iterator[B]:
    """Like map(), on threads, in order, with at most two items a thread in memory.

    An exception of the function is raised where its result would have been.
    """
    workers = workers or default_workers()
    if workers == 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) >= 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
