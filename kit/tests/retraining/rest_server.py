"""A server with the answers of MLflow's REST API. It can go away and come back."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class RestServer:
    """One experiment and one model. `tags` are the model's. `written` has the tags that were set,
    in order.
    """

    def __init__(self):
        self.tags: dict[str, str] = {}
        self.written: list[tuple[str, dict]] = []
        self.runs: list[dict] = []
        self.has_model = True
        self.has_experiment = True
        self.answer_after = 0.0
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.come()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def come(self):
        state = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                given = {name: texts[0] for name, texts in parse_qs(parts.query).items()}
                state.answer(self, parts.path, given)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                state.answer(self, self.path, json.loads(body))

            def log_message(self, *_):
                """Write nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def go(self):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def runs_since(self, seconds: float, token: str = "a-deployment"):
        """Add a running run."""
        started = int((time.time() - seconds) * 1000)
        self.runs = [{
            "info": {"run_id": "d3ad", "start_time": started, "status": "RUNNING"},
            "data": {"tags": [{"key": "run_token", "value": token}]},
        }]  # fmt: skip

    def decisions(self) -> list[dict]:
        """The decisions in the model's tags, oldest first."""
        return [json.loads(self.tags[key]) for key in sorted(self.tags) if key.startswith("retraining_")]

    def answer(self, handler: BaseHTTPRequestHandler, path: str, given: dict):
        time.sleep(self.answer_after)
        status, content = self._find(path.removeprefix("/api/2.0/mlflow/"), given)
        body = json.dumps(content).encode()
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except ConnectionError:
            handler.close_connection = True  # nobody waits any more

    def _find(self, path: str, given: dict) -> tuple[int, dict]:
        missing = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "there is none"}
        if path == "experiments/get-by-name":
            assert given == {"experiment_name": "seismic-dev"}
            return (200, {"experiment": {"experiment_id": "1"}}) if self.has_experiment else (404, missing)
        if path == "runs/search":
            assert given["experiment_ids"] == ["1"]
            assert given["filter"] == "attributes.status = 'RUNNING'"
            return 200, {"runs": self.runs} if self.runs else {}
        if not self.has_model:
            return 404, missing
        assert given["name"] == "SeismicClassifier"
        if path == "registered-models/get":
            tags = [{"key": key, "value": value} for key, value in self.tags.items()]
            return 200, {"registered_model": {"name": given["name"], "tags": tags}}
        assert path == "registered-models/set-tag"
        self.tags[given["key"]] = given["value"]
        self.written.append((given["key"], json.loads(given["value"])))
        return 200, {}
