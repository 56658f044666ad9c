"""The cost of observing, for bench/serving.ts, observing: `turns` is the server, `compare` its load."""

import asyncio
import gc
import json
import os
import sys
import time
from types import SimpleNamespace
from urllib.request import urlopen

import uvloop
from serving import BENCH_SECONDS, KINDS, LOADS, bodies
from serving_load import drive

# The same periods as in a stack.
DRIFT_PERIOD = SCRAPE_PERIOD = 10.0
# A slice has room for some of the largest requests. The speed of a machine changes more slowly.
SLICE_SECONDS = 0.25


def turns(name: str) -> None:
    """Serve one model by two services of one process in turn: one observes, and one does not.

    Two processes of one program would differ by more than the measured cost. Two minutes on one machine
    would, too.
    """
    from kit.serving import model as models
    from kit.serving.app import Service
    from kit.serving.server import listen, run

    os.environ["DRIFT_PERIOD"] = str(DRIFT_PERIOD)
    models.tune_runtime()
    trainer = KINDS[name].trainer()
    settings = trainer.settings.from_environment(os.environ)
    model = models.load(trainer, settings)
    observed, unobserved = Service(model, settings), Service(model, settings)
    _make_blind(unobserved)
    # Serving does this at its start too. Otherwise each full collection visits all imported objects.
    gc.collect()
    gc.freeze()
    with observed.watch:
        run(Turns(observed, unobserved), settings, listen(settings))


class Turns:
    """An ASGI application that gives each of two services slices of time, and counts their answers.

    GET /turns gives the results of each service since the last call: its answers, and its seconds of
    clock time and of processor time. It also gives the processor time of the periodic work of observing,
    in the slices of both services.
    """

    def __init__(self, observed, unobserved) -> None:
        self.draining = False
        self._services = {"observed": observed, "blind": unobserved}
        self._turn = "blind"
        self._tasks: list[asyncio.Task] = []
        self._look, observed.watch.look = observed.watch.look, lambda: self._in_background(self._look)
        self._forget()

    async def __call__(self, scope, receive, send) -> None:
        """Let one service answer: the one of this turn."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._take_turns()), asyncio.create_task(self._scrape())]
        if scope["path"] == "/turns":
            await self._tell(send)
            return
        turn = self._turn
        await self._services[turn](scope, receive, send)
        # An answer counts for the service that began it. As many answers cross a border in one direction as
        # in the other.
        self._answered[turn] += 1

    async def _take_turns(self) -> None:
        while True:
            # Each service is first as often as second, so a machine that gets slower favours none.
            for turn in ("blind", "observed", "observed", "blind"):
                self._turn = turn
                await asyncio.sleep(SLICE_SECONDS)
                self._note_time()

    async def _scrape(self) -> None:
        while True:
            await asyncio.sleep(SCRAPE_PERIOD)
            self._in_background(self._services["observed"].metrics.render)

    def _in_background(self, work) -> None:
        began = time.thread_time()
        work()
        self._background += time.thread_time() - began

    def _note_time(self) -> None:
        now = (time.perf_counter(), time.process_time())
        sums = zip(self._times[self._turn], now, self._noted, strict=True)
        self._times[self._turn] = [total + new - old for total, new, old in sums]
        self._noted = now

    def _forget(self) -> None:
        self._answered = dict.fromkeys(self._services, 0)
        self._times = {name: [0.0, 0.0] for name in self._services}
        self._noted = (time.perf_counter(), time.process_time())
        self._background = 0.0

    async def _tell(self, send) -> None:
        import orjson
        from kit.server.http import answer

        self._note_time()
        told = {"answered": self._answered, "times": self._times, "background": self._background}
        self._forget()
        await answer(send, 200, orjson.dumps(told))


def _make_blind(service) -> None:
    service.metrics.latency = dict.fromkeys(service.metrics.latency, SimpleNamespace(observe=lambda _: None))
    service.batcher = type(service.batcher)(service.model.probabilities, lambda _: None)


def compare(model: str) -> None:
    """Send the server of `turns` requests of each kind, and print the share of throughput that remains."""
    for rows, connections in LOADS:
        _ask_turns()  # earlier requests do not count
        uvloop.run(drive(bodies("ours", model, rows), rows, connections, BENCH_SECONDS))
        told = _ask_turns()
        answered, times = told["answered"], told["times"]
        background = told["background"] / sum(seconds[1] for seconds in times.values())
        by_clock, by_processor = (
            (answered["observed"] / times["observed"][clock])
            / (answered["blind"] / times["blind"][clock])
            * (1 - background)
            for clock in (0, 1)
        )
        print(
            f"{model:<9} {rows:>5} rows, {connections:>2} connections: observed {by_clock:.3f}x, "
            f"by processor time {by_processor:.3f}x; comparing and scraping take {background:.3f} of it",
            flush=True,
        )


def _ask_turns() -> dict:
    with urlopen("http://127.0.0.1:8000/turns") as answer:
        return json.load(answer)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["turns", name]:
            turns(name)
        case ["compare", name]:
            compare(name)
        case _:
            raise SystemExit("turns MODEL | compare MODEL")
