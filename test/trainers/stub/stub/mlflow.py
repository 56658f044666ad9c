"""MLflow's REST API by urllib, because the import of MLflow's own client takes seconds of a core.

Source of the calls: MLflow REST API, https://mlflow.org/docs/latest/api_reference/rest-api.html
"""

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode, urlparse

PAUSE_SECONDS, ANSWER_SECONDS = 0.3, 10.0
# A gateway, or a server that starts, gives these answers instead of MLflow.
AWAY = (502, 503, 504)
JSON = "application/json"
MISSING, EXISTS = "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS"


class Unreachable(Exception):
    """MLflow did not answer for longer than it may be away."""


class Refused(Exception):
    """MLflow's answer is an error. `code` is MLflow's name for it."""

    def __init__(self, what: str, status: int, body: bytes):
        try:
            told = json.loads(body)
            self.code = told.get("error_code", "")
        except (ValueError, AttributeError):
            told, self.code = body[:200].decode(errors="replace"), ""
        super().__init__(f"{what}: {status} {told}")


def login() -> str:
    """The header by which a service signs in, from the variables of MLflow's own client; empty without both."""
    user, password = (os.environ.get(f"MLFLOW_TRACKING_{name}", "") for name in ("USERNAME", "PASSWORD"))
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}" if user and password else ""


class Mlflow:
    """One server, which may be away for `patience` seconds at each request."""

    def __init__(self, address: str, patience: float):
        self._address, self.patience = address.rstrip("/"), patience
        self._login = login()

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Send a GET."""
        return json.loads(self._send("GET", f"mlflow/{path}?{urlencode(query)}"))

    def post(self, path: str, method: str = "POST", **body: Any) -> dict[str, Any]:
        """Send a POST, or another method with a body."""
        return json.loads(self._send(method, f"mlflow/{path}", json.dumps(body).encode()) or b"{}")

    def upload(self, folder: str, name: str, content: bytes) -> None:
        """Write a file of a run or a model. `folder` is its address, `mlflow-artifacts:/1/...`."""
        self._send("PUT", self._file(folder, name), content, "application/octet-stream")

    def download(self, folder: str, name: str) -> bytes:
        """Read a file."""
        return self._send("GET", self._file(folder, name))

    def _file(self, folder: str, name: str) -> str:
        return f"mlflow-artifacts/artifacts/{urlparse(folder).path.strip('/')}/{name}"

    def _send(self, method: str, path: str, body: bytes | None = None, kind: str = JSON) -> bytes:
        request = urllib.request.Request(f"{self._address}/api/2.0/{path}", body, method=method)
        request.add_header("content-type", kind)
        if self._login:
            request.add_header("authorization", self._login)
        ends = time.monotonic() + self.patience
        while True:
            try:
                with urllib.request.urlopen(request, timeout=min(self.patience, ANSWER_SECONDS)) as answer:
                    return answer.read()
            except urllib.error.HTTPError as error:
                if error.code not in AWAY:
                    raise Refused(f"{method} {path}", error.code, error.read()) from error
                problem: Exception = error
            except (OSError, http.client.HTTPException) as error:
                problem = error
            if time.monotonic() > ends:
                raise Unreachable(f"{method} {path}: {problem}") from problem
            time.sleep(PAUSE_SECONDS)
