"""What bench/serving.sh runs in its containers: makes the models, the yardsticks, the requests, the table."""

import argparse
import asyncio
import json
import os
import sys
import threading
import time
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from urllib.request import urlopen

from serving_load import drive

SAMPLES = 462
CLASSES = ("normal", "anomaly", "boundary")
BODIES = 16  # different ones, so that no cache helps
OURS = ("/predict", "/batch_predict")
PATHS = {"mlflow": ("/invocations",) * 2, "parse": ("/predict",) * 2} | dict.fromkeys(
    ("ours", "blind", "observed"), OURS
)
# What the others are measured by.
BASES = ("mlflow", "blind")
# As in a stack; a measurement should be as long.
DRIFT_PERIOD = SCRAPE_PERIOD = 10.0
COST_TURNS = 60


def prepare(store: Path) -> None:
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


def blind() -> None:
    """Serve without counting, timing or comparing anything."""
    import prometheus_client

    from seismic.serving import app, startup, tallies

    for kind, method in (("Counter", "inc"), ("Summary", "observe"), ("Gauge", "set")):
        setattr(getattr(prometheus_client, kind), method, lambda *_, **__: None)
    tallies.Distribution.observe = lambda *_: None
    app.Metrics.predicted = lambda *_: None
    app._observer = lambda *_: None
    os.environ["DRIFT"] = "false"
    startup.main()


def observed() -> None:
    """Serve with everything on, and be scraped."""
    from seismic.serving import startup

    os.environ["DRIFT_PERIOD"] = str(DRIFT_PERIOD)
    threading.Thread(target=_scrape, daemon=True).start()
    startup.main()


def _scrape() -> None:
    while True:
        time.sleep(SCRAPE_PERIOD)
        try:
            urlopen("http://127.0.0.1:8000/metrics", timeout=SCRAPE_PERIOD).read()
        except OSError as error:  # it loads the model first
            print(f"not scraped: {error}", file=sys.stderr)


def cost() -> None:
    """Tell what observing takes of a prediction, in microseconds of this process: all but the server's own part.

    Both sides take turns within one process, so that what other programs do to the machine meets both.
    """
    import gc

    from seismic.serving.app import Service
    from seismic.serving.model import load, tune_runtime
    from seismic.serving.settings import Settings

    tune_runtime()
    settings = Settings.from_env(os.environ)
    model = load(settings)
    observed, unobserved = Service(model, settings), Service(model, settings)
    _make_blind(unobserved)
    gc.collect()
    gc.freeze()
    for rows, calls in ((1, 1000), (1000, 4)):
        requests = [request.partition(b"\r\n\r\n")[2] for request in bodies("ours", rows)]
        times: dict[Service, list[float]] = {observed: [], unobserved: []}
        # By processor time: what else runs here counts only by what it does to the caches.
        for turn in range(COST_TURNS):
            for service in (observed, unobserved) if turn % 2 else (unobserved, observed):
                began = time.process_time()
                asyncio.run(_answer_all(service, OURS[rows > 1], requests, calls))
                times[service].append((time.process_time() - began) / calls * 1e6)
        seen, blind = median(times[observed]), median(times[unobserved])
        print(
            f"{model.name:<9} {rows:>4} traces: {seen:.1f} us, not observed {blind:.1f} us: "
            f"{seen - blind:.1f} us, in-process ratio {blind / seen:.3f}"
        )


def _make_blind(service) -> None:
    service.metrics.latency = dict.fromkeys(service.metrics.latency, SimpleNamespace(observe=lambda _: None))
    service.batcher = type(service.batcher)(service.model.probabilities, lambda _: None)


async def _answer_all(service, path: str, requests: list[bytes], calls: int) -> None:
    """Have the service answer `calls` requests, one after the other, without a server."""
    scope = {"type": "http", "method": "POST", "path": path, "headers": [(b"content-type", b"application/json")]}

    async def send(message) -> None:
        if message.get("status", 200) != 200:
            raise RuntimeError(message)

    for call in range(calls):
        body = requests[call % len(requests)]

        async def receive(body=body) -> dict:
            return {"type": "http.request", "body": body}

        await service(scope, receive, send)


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


def table(results: Path) -> None:
    """Print all results, medians of repeated ones; ratios are to BASES with the same model, rows and connections."""
    runs = _medians([json.loads(line) for line in results.read_text().splitlines()])
    base = {(run["model"], run["rows"], run["connections"]): run for run in runs if run["server"] in BASES}
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


def _medians(runs: list[dict]) -> list[dict]:
    """One run for those that measured the same, each figure the median."""
    same: dict[tuple, list[dict]] = {}
    for run in runs:
        same.setdefault((run["server"], run["model"], run["rows"], run["connections"]), []).append(run)
    return [
        {**group[0], **{key: median(run[key] for run in group) for key in ("rate", "p50", "p99", "per_cpu_second")}}
        for group in same.values()
    ]


def main() -> None:
    """prepare STORE | blind | observed | cost | yardstick KIND | load SERVER MODEL RESULTS | table RESULTS"""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("what", choices=("prepare", "blind", "observed", "cost", "yardstick", "load", "table"))
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    if given.what == "load":
        import uvloop

        server, model, results = given.arguments
        seconds = float(os.environ.get("BENCH_SECONDS", "6"))
        for rows, connections in ((1, 32), (1, 1), (1000, 2)):
            if rows > 1 and server.startswith("parse"):
                continue
            run = {
                "server": server,
                "model": model,
                **uvloop.run(drive(bodies(server, rows), rows, connections, seconds)),
            }
            print(json.dumps(run), file=sys.stderr)
            with Path(results).open("a") as file:
                file.write(json.dumps(run) + "\n")
    elif given.what == "yardstick":
        yardstick(*given.arguments)
    elif given.what in ("blind", "observed", "cost"):
        {"blind": blind, "observed": observed, "cost": cost}[given.what]()
    else:
        {"prepare": prepare, "table": table}[given.what](*map(Path, given.arguments))


if __name__ == "__main__":
    main()
