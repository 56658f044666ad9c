"""What bench/serving.sh runs in its containers: makes the models, the yardsticks, the requests, the table."""

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.request import urlopen

from serving_load import drive

SAMPLES = 462
CLASSES = ("normal", "anomaly", "boundary")
BODIES = 16  # different ones, so that no cache helps
OURS = ("/predict", "/batch_predict")
PATHS = {"mlflow": ("/invocations",) * 2, "parse": ("/predict",) * 2} | dict.fromkeys(("ours", "turns"), OURS)
# As in a stack.
DRIFT_PERIOD = SCRAPE_PERIOD = 10.0
# Some requests even of the largest; a machine's changes take longer.
SLICE_SECONDS = 0.25
BENCH_SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
# Traces a request, connections.
LOADS = ((1, 32), (1, 1), (1000, 2))


def prepare(folder: str) -> None:
    """Register one model a classifier, as the trainer does; writes NAME.env with what serving needs."""
    import mlflow
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    from seismic import drift
    from seismic.drift import Reference
    from seismic.features import TraceFeatures
    from seismic.fingerprint import model_sha256
    from seismic.registry import MODEL_REQUIREMENTS, TRUSTED_TYPES

    store = Path(folder)
    uri = f"sqlite:///{store}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment(
        experiment_id=mlflow.create_experiment("bench", artifact_location=f"{store}/artifacts")
    )
    generator = np.random.default_rng(7)
    labels = np.array(CLASSES)[generator.integers(0, 3, 3000)]
    traces = _traces(generator, labels)
    classifiers = {
        "logistic": LogisticRegression(max_iter=500),
        "boosting": HistGradientBoostingClassifier(random_state=7, early_stopping=False),
    }
    for name, classifier in classifiers.items():
        steps = [("features", TraceFeatures()), ("scale", StandardScaler()), ("classifier", classifier)]
        pipeline = Pipeline(steps).fit(traces, labels)
        features = pipeline[0]
        reference = Reference.of(features.transform(traces), features.get_feature_names_out())
        with mlflow.start_run():
            mlflow.log_text(reference.to_json(), drift.NAME)
            mlflow.sklearn.log_model(
                pipeline,
                name="model",
                registered_model_name=name,
                serialization_format="skops",
                skops_trusted_types=sorted(TRUSTED_TYPES),
                pip_requirements=list(MODEL_REQUIREMENTS),
            )
        settings = {
            "MLFLOW_TRACKING_URI": uri,
            "MODEL_NAME": name,
            "MODEL_VERSION": "1",
            "MODEL_SHA256": model_sha256(pipeline),
            "ENVIRONMENT": "bench",
        }
        (store / f"{name}.env").write_text("".join(f"{key}={value}\n" for key, value in settings.items()))


def _traces(generator, labels):
    """Wavelets in noise: loud ones are anomalies, those that begin late are boundaries."""
    import numpy as np

    time_axis = np.arange(SAMPLES)
    start = np.where(labels == "boundary", 300, 100)[:, None] + generator.normal(0, 60, (len(labels), 1))
    loud = np.where(labels == "anomaly", 3.0, 1.0)[:, None] * generator.lognormal(0, 0.5, (len(labels), 1))
    wave = np.sin((time_axis - start) * 0.3) * np.exp(-(((time_axis - start) / 60) ** 2))
    return (1000 * (loud * wave + generator.normal(0, 0.5, wave.shape))).astype(np.float32)


def turns() -> None:
    """Serve by two services of one process and one model in turn: one observes, one does not.

    Two processes of one program differ by more than what is measured, and so do two minutes of one machine.
    """
    from seismic.serving import model as models
    from seismic.serving.app import Service
    from seismic.serving.server import listen, run
    from seismic.serving.settings import Settings

    os.environ["DRIFT_PERIOD"] = str(DRIFT_PERIOD)
    models.tune_runtime()
    settings = Settings.from_env(os.environ)
    model = models.load(settings)
    observed, unobserved = Service(model, settings), Service(model, settings)
    _make_blind(unobserved)
    with observed.watch:
        run(Turns(observed, unobserved), settings, listen(settings))


class Turns:
    """An ASGI application that gives each of two services slices of time, and counts what they answer.

    GET /turns tells what came of each since the last time: its answers, and its seconds by the clock and of
    processor time; and the processor time of what observing does from time to time, in the slices of either.
    """

    def __init__(self, observed, unobserved) -> None:
        self.draining = False
        self._services = {"observed": observed, "blind": unobserved}
        self._turn = "blind"
        self._tasks: list[asyncio.Task] = []
        self._look, observed.watch.look = observed.watch.look, lambda: self._in_background(self._look)
        self._forget()

    async def __call__(self, scope, receive, send) -> None:
        """Answer by whose turn it is."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._take_turns()), asyncio.create_task(self._scrape())]
        if scope["path"] == "/turns":
            await self._tell(send)
            return
        turn = self._turn
        await self._services[turn](scope, receive, send)
        # For who began it: what crosses a border does so as often in either direction.
        self._answered[turn] += 1

    async def _take_turns(self) -> None:
        while True:
            # Each as often first as second, so that a machine that gets slower favours neither.
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

        from seismic.serving.http import answer

        self._note_time()
        told = {"answered": self._answered, "times": self._times, "background": self._background}
        self._forget()
        await answer(send, 200, orjson.dumps(told))


def _make_blind(service) -> None:
    service.metrics.latency = dict.fromkeys(service.metrics.latency, SimpleNamespace(observe=lambda _: None))
    service.batcher = type(service.batcher)(service.model.probabilities, lambda _: None)


def yardstick(kind: str) -> None:
    """Serve an endpoint that parses its JSON body and says thanks: on plain ASGI, or as a FastAPI route."""
    import orjson
    import uvicorn
    from fastapi import FastAPI, Request, Response

    from seismic.serving.http import Body, answer

    reply = orjson.dumps({"class": "normal", "probabilities": dict.fromkeys(CLASSES, 1 / 3), "version": "1"})
    api = FastAPI()

    @api.post("/predict")
    async def predict(request: Request) -> Response:
        orjson.loads(await request.body())
        return Response(reply, media_type="application/json")

    async def plain(scope, receive, send) -> None:
        orjson.loads(await Body(scope, receive, 1 << 26).read())
        await answer(send, 200, reply)

    app = {"parse": plain, "parse-fastapi": api}[kind]
    uvicorn.run(
        app, port=8000, loop="uvloop", http="httptools", access_log=False, lifespan="off", log_level="warning"
    )


def bodies(server: str, rows: int) -> list[bytes]:
    """Complete HTTP requests; amplitudes as a client prints float32, 7 significant digits."""
    import numpy as np
    import orjson

    generator = np.random.default_rng(11)
    requests = []
    for _ in range(BODIES if rows == 1 else 2):
        labels = np.array(CLASSES)[generator.integers(0, 3, rows)]
        traces = [[float(f"{value:.7g}") for value in trace] for trace in _traces(generator, labels).tolist()]
        if server == "mlflow":
            document: dict = {"inputs": traces}
        else:
            document = {"trace": traces[0]} if rows == 1 else {"traces": traces}
        body = orjson.dumps(document)
        path = PATHS[server.partition("-")[0]][rows > 1]
        head = (
            f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


def table(results: str) -> None:
    """Print all results; ratios are to MLflow with the same model, rows and connections."""
    runs = [json.loads(line) for line in Path(results).read_text().splitlines()]
    base = {(run["model"], run["rows"], run["connections"]): run for run in runs if run["server"] == "mlflow"}
    print(
        f"{'traces':>6} {'conns':>5} {'model':<9} {'server':<14} {'traces/s':>9} {'ratio':>6} "
        f"{'p50 ms':>8} {'p99 ms':>8} {'per CPU s':>9} {'ratio':>6}"
    )
    for run in sorted(runs, key=lambda run: (run["rows"], run["connections"], run["model"])):
        other = base.get((run["model"], run["rows"], run["connections"]))
        ratio, cpu_ratio = (
            f"{run[key] / other[key]:.2f}x" if other else "" for key in ("rate", "per_cpu_second")
        )
        print(
            f"{run['rows']:>6} {run['connections']:>5} {run['model']:<9} {run['server']:<14} "
            f"{run['rate']:>9.0f} {ratio:>6} {run['p50']:>8.2f} {run['p99']:>8.2f} "
            f"{run['per_cpu_second']:>9.0f} {cpu_ratio:>6}"
        )


def load(server: str, model: str, results: str) -> None:
    """Send the server requests of each kind, and write down what came of them."""
    import uvloop

    for rows, connections in LOADS:
        if rows > 1 and server.startswith("parse"):
            continue
        run = {"server": server, "model": model} | uvloop.run(
            drive(bodies(server, rows), rows, connections, BENCH_SECONDS)
        )
        print(json.dumps(run), file=sys.stderr)
        with Path(results).open("a") as file:
            file.write(json.dumps(run) + "\n")


def compare(model: str) -> None:
    """Send the server of `turns` requests of each kind, and print what observing leaves of its throughput."""
    import uvloop

    for rows, connections in LOADS:
        _ask_turns()  # what was before does not count
        uvloop.run(drive(bodies("turns", rows), rows, connections, BENCH_SECONDS))
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
            f"{model:<9} {rows:>5} traces, {connections:>2} connections: observed {by_clock:.3f}x, "
            f"by processor time {by_processor:.3f}x; comparing and scraping take {background:.3f} of it",
            flush=True,
        )


def _ask_turns() -> dict:
    with urlopen("http://127.0.0.1:8000/turns") as answer:
        return json.load(answer)


def main() -> None:
    """prepare STORE | turns | yardstick KIND | load SERVER MODEL RESULTS | compare MODEL | table RESULTS"""
    parts = (prepare, turns, yardstick, load, compare, table)
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("what", choices=[part.__name__ for part in parts])
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    next(part for part in parts if part.__name__ == given.what)(*given.arguments)


if __name__ == "__main__":
    main()
