"""The API of one model, and the server that gives its answers."""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stub.model_files import ModelFiles

IDLE_SECONDS = 75.0
MOST_BYTES = 16 << 20
BUCKETS = (0.001, 0.01, 0.1, 1.0)
JSON = "application/json"

type Answer = tuple[int, bytes, str]


class Service:
    """The answers of one model. `draining` is true when the service is about to stop."""

    def __init__(self, files: ModelFiles, who: Mapping[str, Any], settings: Mapping[str, Any]):
        self.draining = False
        self.under_way = 0
        self._model, self._example = files.load(who["model_sha256"]), files.example()
        self._who, self._settings = who, settings
        self.version = who["model_version"]
        self._lock = threading.Lock()
        self._predicted: Counter[str] = Counter()
        self._seconds: dict[str, list[float]] = {"/predict": [], "/batch_predict": []}

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answer one request. The caller counts it in `under_way`."""
        reads = {
            "/health": lambda: _json({"status": "ok"}),
            "/ready": self._ready,
            "/version": lambda: _json(self._who),
            "/sample": lambda: _json({"row": self._example}),
            "/metrics": lambda: (200, self._metrics().encode(), "text/plain; version=0.0.4"),
        }
        writes = {"/predict": self._predict, "/batch_predict": self._batch_predict}
        if path not in reads and path not in writes:
            return _json({"detail": f"{path}: not found"}, 404)
        if (path in writes) != (method == "POST"):
            return _json({"detail": f"{path}: not by {method}"}, 405)
        if path in reads:
            return reads[path]()
        began = time.monotonic()
        try:
            return _json(writes[path](json.loads(body)))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            return _json({"detail": f"{type(error).__name__}: {error}"}, 422)
        finally:
            with self._lock:
                self._seconds[path].append(time.monotonic() - began)

    def counting(self, change: int) -> None:
        """Note that a request has come or gone."""
        with self._lock:
            self.under_way += change

    def _ready(self) -> Answer:
        is_ready = self._settings["servingIsReady"] and not self.draining
        return _json({"ready": is_ready}, 200 if is_ready else 503)

    def _predict(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._answers([asked["row"]])[0] | {"version": self._who["model_version"]}

    def _batch_predict(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"predictions": self._answers(asked["rows"]), "version": self._who["model_version"]}

    def _answers(self, rows: list[list[float]]) -> list[dict[str, Any]]:
        answers = [self._model.answer([float(x) for x in row]) for row in rows]
        if self._settings["servingAnswers"] == "wrong":
            answers = [
                it | {"class": min(it["probabilities"], key=it["probabilities"].get)} for it in answers
            ]
        with self._lock:
            self._predicted.update(it["class"] for it in answers)
        return answers

    def _metrics(self) -> str:
        version, sha256 = self._who["model_version"], self._who["model_sha256"]
        lines = ["# TYPE model_info gauge",
                 f'model_info{{version="{version}",sha256="{sha256}"}} 1',
                 "# TYPE model_predictions_total counter"]  # fmt: skip
        with self._lock:
            predicted, taken = dict(self._predicted), {path: list(it) for path, it in self._seconds.items()}
        lines += [
            f'model_predictions_total{{class="{label}",version="{version}"}} {number}'
            for label, number in sorted(predicted.items())
        ]
        name = "model_prediction_latency_seconds"
        lines.append(f"# TYPE {name} histogram")
        for path, each in taken.items():
            within = [(str(bound), sum(it <= bound for it in each)) for bound in BUCKETS]
            for bound, number in [*within, ("+Inf", len(each))]:
                lines.append(f'{name}_bucket{{endpoint="{path}",le="{bound}"}} {number}')
            lines.append(f'{name}_sum{{endpoint="{path}"}} {sum(each)}')
            lines.append(f'{name}_count{{endpoint="{path}"}} {len(each)}')
        return "\n".join([*lines, ""])


def _json(value: Any, status: int = 200) -> Answer:
    return status, json.dumps(value).encode(), JSON


def handler(service: Service) -> type[BaseHTTPRequestHandler]:
    """A handler that answers the requests of a connection by a service."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = IDLE_SECONDS

        def do_GET(self) -> None:
            service.counting(1)
            try:
                self._respond()
            finally:
                service.counting(-1)

        do_HEAD = do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            """Write no line for a request."""

        def _respond(self) -> None:
            length = self.headers.get("content-length", "0")
            if not length.isdigit() or int(length) > MOST_BYTES:
                status, content, kind = _json({"detail": f"at most {MOST_BYTES} bytes"}, 413)
                self.close_connection = True
            else:
                method = "GET" if self.command == "HEAD" else self.command
                body = self.rfile.read(int(length))
                status, content, kind = service.answer(method, self.path.split("?")[0], body)
            self.close_connection = self.close_connection or service.draining
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("x-model-version", service.version)
            self.send_header("content-length", str(len(content)))
            if self.close_connection:
                self.send_header("connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    return Handler


class Server(ThreadingHTTPServer):
    """A thread for each connection. No thread keeps the process from its end."""

    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Write nothing about a client that is gone."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(*_)
