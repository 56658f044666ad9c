"""The commands that bench/serving.ts runs in its containers: models, yardsticks, requests, table.

serving_turns.py measures the cost of observing.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import serving_table
import serving_traces
from serving_load import drive
from serving_traces import CLASSES

# How the rows of each model are made, and how they are asked about.
KINDS = {"logistic": serving_traces, "boosting": serving_traces, "table": serving_table}
BODIES = 16  # different bodies, so that no cache helps
PATHS = {"mlflow": ("/invocations",) * 2, "parse": ("/predict",) * 2, "ours": ("/predict", "/batch_predict")}
BENCH_SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
# Rows a request, and connections.
LOADS = ((1, 32), (1, 1), (1000, 2))


def prepare(folder: str, *models: str) -> None:
    """Register these models, as their trainers do. Write serving's variables to MODEL.env."""
    import mlflow
    from kit.drift.reference import DRIFT_REFERENCE, Reference
    from kit.registry.fingerprint import model_sha256

    store = Path(folder)
    uri = f"sqlite:///{store}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment(
        experiment_id=mlflow.create_experiment("bench", artifact_location=f"{store}/artifacts")
    )
    for name in models:
        kind = KINDS[name]
        code = kind.trainer().code
        pipeline, rows = kind.fit(name)
        features = pipeline[0]
        reference = Reference.of(features.transform(rows), features.get_feature_names_out())
        with mlflow.start_run():
            mlflow.log_text(reference.to_json(), DRIFT_REFERENCE)
            mlflow.sklearn.log_model(
                pipeline,
                name="model",
                registered_model_name=name,
                serialization_format="skops",
                skops_trusted_types=sorted(code.trusted),
                pip_requirements=list(code.requirements),
            )
        settings = {
            "MLFLOW_TRACKING_URI": uri,
            "MODEL_NAME": name,
            "MODEL_VERSION": "1",
            "MODEL_SHA256": model_sha256(pipeline),
            "ENVIRONMENT": "bench",
        }
        (store / f"{name}.env").write_text("".join(f"{key}={value}\n" for key, value in settings.items()))


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


def bodies(server: str, model: str, rows: int) -> list[bytes]:
    """Complete HTTP requests about rows of a model. The yardsticks get traces."""
    import orjson

    kind = KINDS.get(model, serving_traces)
    requests = []
    for number in range(BODIES if rows == 1 else 2):
        body = orjson.dumps(kind.document(server, rows, 11 + number))
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
        f"{'rows':>6} {'conns':>5} {'model':<9} {'server':<14} {'rows/s':>9} {'ratio':>6} "
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
            drive(bodies(server, model, rows), rows, connections, BENCH_SECONDS)
        )
        print(json.dumps(run), file=sys.stderr)
        with Path(results).open("a") as file:
            file.write(json.dumps(run) + "\n")


def main() -> None:
    """prepare STORE MODEL... | yardstick KIND | load SERVER MODEL RESULTS | table RESULTS"""
    parts = (prepare, yardstick, load, table)
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("what", choices=[part.__name__ for part in parts])
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    next(part for part in parts if part.__name__ == given.what)(*given.arguments)


if __name__ == "__main__":
    main()
