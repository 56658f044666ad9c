"""The commands that bench/serving.ts runs in its containers: models, yardsticks, requests, table.

serving_turns.py measures the cost of observing.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from serving_load import drive

SAMPLES = 462
CLASSES = ("normal", "anomaly", "boundary")
BODIES = 16  # different bodies, so that no cache helps
PATHS = {"mlflow": ("/invocations",) * 2, "parse": ("/predict",) * 2, "ours": ("/predict", "/batch_predict")}
BENCH_SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
# Traces a request, and connections.
LOADS = ((1, 32), (1, 1), (1000, 2))


def prepare(folder: str) -> None:
    """Register one model a classifier, as the trainer does. Write serving's variables to NAME.env."""
    import mlflow
    import numpy as np
    from kit.drift.reference import DRIFT_REFERENCE, Reference
    from kit.registry.fingerprint import model_sha256
    from seismic.learning.features import TraceFeatures
    from seismic.model_code import MODEL_CODE
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

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
            mlflow.log_text(reference.to_json(), DRIFT_REFERENCE)
            mlflow.sklearn.log_model(
                pipeline,
                name="model",
                registered_model_name=name,
                serialization_format="skops",
                skops_trusted_types=sorted(MODEL_CODE.trusted),
                pip_requirements=list(MODEL_CODE.requirements),
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
    """Wavelets in noise. Loud ones are anomalies, and late ones are boundaries."""
    import numpy as np

    time_axis = np.arange(SAMPLES)
    start = np.where(labels == "boundary", 300, 100)[:, None] + generator.normal(0, 60, (len(labels), 1))
    loud = np.where(labels == "anomaly", 3.0, 1.0)[:, None] * generator.lognormal(0, 0.5, (len(labels), 1))
    wave = np.sin((time_axis - start) * 0.3) * np.exp(-(((time_axis - start) / 60) ** 2))
    return (1000 * (loud * wave + generator.normal(0, 0.5, wave.shape))).astype(np.float32)


def yardstick(kind: str) -> None:
    """Serve an endpoint that parses its JSON body and says thanks: on plain ASGI, or as a FastAPI route."""
    import orjson
    import uvicorn
    from fastapi import FastAPI, Request, Response
    from kit.server.http import Body, answer

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
    """Complete HTTP requests. A client prints float32 amplitudes with 7 significant digits."""
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
    """Print all results. Ratios compare with MLflow, for the same model, rows and connections."""
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
    """Send the server requests of each kind, and write the results to a file."""
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


def main() -> None:
    """prepare STORE | yardstick KIND | load SERVER MODEL RESULTS | table RESULTS"""
    parts = (prepare, yardstick, load, table)
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("what", choices=[part.__name__ for part in parts])
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    next(part for part in parts if part.__name__ == given.what)(*given.arguments)


if __name__ == "__main__":
    main()
