"""The sources of the status page, as small HTTP servers on 127.0.0.0/8."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

METRICS = """\
# TYPE process_start_time_seconds gauge
process_start_time_seconds {started}
# TYPE model_predictions_total counter
model_predictions_total{{class="normal",version="1"}} {normal}
model_predictions_total{{class="anomaly",version="1"}} {anomaly}
# TYPE model_request_errors_total counter
model_request_errors_total{{kind="invalid_input"}} {errors}
# TYPE model_prediction_latency_seconds histogram
model_prediction_latency_seconds_bucket{{endpoint="/predict",le="0.01"}} {fast}
model_prediction_latency_seconds_bucket{{endpoint="/predict",le="0.1"}} {requests}
model_prediction_latency_seconds_bucket{{endpoint="/predict",le="+Inf"}} {requests}
model_prediction_latency_seconds_count{{endpoint="/predict"}} {requests}
model_prediction_latency_seconds_sum{{endpoint="/predict"}} 1.5
{more}"""
DRIFT = """\
# TYPE model_drift_score gauge
model_drift_score {score}
# TYPE model_drift_reference gauge
model_drift_reference 1.0
# TYPE model_feature_drift_psi gauge
model_feature_drift_psi{{feature="rms"}} {psi}
model_feature_drift_psi{{feature="kurtosis"}} NaN
# TYPE model_input_rows_total counter
model_input_rows_total{{quality="dead"}} 3.0
"""


def metrics_text(started=1.0, normal=0, anomaly=0, errors=0, fast=0, requests=0, more=""):
    return METRICS.format(**locals())


def drift_text(score, psi=0.1):
    return DRIFT.format(score=score, psi=psi)


class Server:
    """Answers by path: bytes, text, an object for JSON, (status, object), or a function of the query.

    `hang` is an event. When it is cleared, it holds back every answer.
    """

    def __init__(self, host="127.0.0.1", port=0):
        self.routes = {}
        self.hang = threading.Event()
        self.hang.set()
        self.asked = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                length = int(self.headers.get("content-length", 0))
                query.update(json.loads(self.rfile.read(length)) if length else {})
                server.asked.append(parts.path)
                server.hang.wait(30)
                status, body = server.answer(parts.path, query)
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                return

        ThreadingHTTPServer.allow_reuse_address = True
        self._http = ThreadingHTTPServer((host, port), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self.host, self.port = self._http.server_address
        self.url = f"http://{self.host}:{self.port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, path, query):
        found = self.routes.get(path, (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": path}))
        if callable(found):
            found = found(query)
        status, content = found if isinstance(found, tuple) else (200, found)
        if isinstance(content, str):
            content = content.encode()
        return status, content if isinstance(content, bytes) else json.dumps(content).encode()

    def close(self):
        self.hang.set()
        self._http.shutdown()
        self._http.server_close()


class Replica(Server):
    """A serving replica of a version."""

    def __init__(self, host="127.0.0.1", port=0, version="1"):
        super().__init__(host, port)
        self.serve(version)
        self.count()

    def serve(self, version):
        sha256 = version.rjust(64, "a")
        self.routes["/version"] = {
            "model_version": version, "model_sha256": sha256, "commit": "0123abc", "dirty": False,
            "release": "v1", "image": "trainer:abc",
        }  # fmt: skip
        self.routes["/model_info"] = {
            "version": version, "sha256": sha256, "classifier": "LogisticRegression", "n_samples": 120,
            "interval_us": 4000.0, "classes": ["anomaly", "normal"], "trained_at": "2026-01-31T16:34:00Z",
            "metrics": {"macro_f1": 0.9, "recall_anomaly": 0.8},
        }  # fmt: skip

    def count(self, **counts):
        self.routes["/metrics"] = metrics_text(**counts)


class Mlflow(Server):
    """An MLflow with one experiment and one registered model, in the form of its REST API."""

    API = "/api/2.0/mlflow"

    def __init__(self, host="127.0.0.1", port=0):
        super().__init__(host, port)
        self.runs, self.versions, self.aliases, self.tags, self.artifacts = [], {}, {}, {}, {}
        self.routes |= {
            f"{self.API}/registered-models/get": self.model,
            f"{self.API}/model-versions/get": self.version,
            f"{self.API}/experiments/get-by-name": {"experiment": {"experiment_id": "1"}},
            f"{self.API}/runs/search": self.search,
            f"{self.API}/runs/get": lambda query: {"run": self.run(query["run_id"])},
            f"{self.API}/artifacts/list": self.files,
            "/get-artifact": self.artifact,
        }

    def add_run(self, run_id, status, started=1000.0, ended=1010.0, tags=None, metrics=None, name=""):
        """The newest run."""
        info = {
            "run_id": run_id, "run_name": name or run_id, "experiment_id": "1", "status": status,
            "start_time": int(started * 1000),
        }  # fmt: skip
        if ended is not None:
            info["end_time"] = int(ended * 1000)
        data = {"metrics": pairs(metrics), "tags": pairs(tags), "params": pairs({"classifier": "trees"})}
        self.runs.insert(0, {"info": info, "data": data})

    def add_version(self, number, run_id, alias, **tags):
        self.versions[str(number)] = {
            "version": str(number), "run_id": run_id, "creation_timestamp": 5000, "tags": pairs(tags),
        }  # fmt: skip
        self.aliases[alias] = str(number)

    def run(self, run_id):
        return next(run for run in self.runs if run["info"]["run_id"] == run_id)

    def model(self, query):
        if not self.versions:
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such model"}
        aliases = [{"alias": alias, "version": number} for alias, number in self.aliases.items()]
        return {"registered_model": {"name": query["name"], "aliases": aliases, "tags": pairs(self.tags)}}

    def version(self, query):
        return {"model_version": self.versions[query["version"]]}

    def search(self, query):
        is_wanted = (lambda run: run["info"]["status"] == "FINISHED") if query["filter"] else lambda _: True
        return {"runs": [run for run in self.runs if is_wanted(run)][: query["max_results"]]}

    def files(self, query):
        names = [name for run_id, name in self.artifacts if run_id == query["run_id"]]
        return {"files": [{"path": name, "is_dir": False, "file_size": 1} for name in names]}

    def artifact(self, query):
        content = self.artifacts.get((query["run_uuid"], query["path"]))
        return (500, b"[Errno 2] No such file or directory") if content is None else content


def pairs(values):
    return [{"key": key, "value": value} for key, value in (values or {}).items()]
