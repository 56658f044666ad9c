"""The part of MLflow's REST API that the trainer uses, in memory, because the tests' image has no MLflow."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlparse

EXISTS, MISSING = (400, "RESOURCE_ALREADY_EXISTS"), (404, "RESOURCE_DOES_NOT_EXIST")
FILES = "/api/2.0/mlflow-artifacts/artifacts/"


class Problem(Exception):
    pass


class Server:
    """A server on a free port. Tests read and change its content by its fields.

    With a `login`, the header Authorization, it refuses everybody else.
    """

    def __init__(self):
        self.experiments, self.runs, self.models, self.versions, self.files = {}, {}, {}, {}, {}
        self.logged, self.aliases, self.asked = {}, {}, []
        self.before = {}
        self.login = None
        http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=http.serve_forever, args=[0.02], daemon=True).start()
        self.address = f"http://127.0.0.1:{http.server_address[1]}"
        self.close = http.shutdown

    def handle(self, method, path, query, body):
        if path.startswith(FILES):
            return self._file(method, path.removeprefix(FILES), body)
        given = query | (json.loads(body) if body else {})
        name = path.removeprefix("/api/2.0/mlflow/")
        self.asked.append(name)
        if hook := self.before.pop(name, None):
            hook()
        name = re.sub(r"^logged-models/(m-\d+)$", "logged-models/finalize", name)
        answer = getattr(self, f"{method}_{re.sub('[^a-z]', '_', name)}".lower())(**given)
        return json.dumps(answer or {}).encode()

    def _file(self, method, path, body):
        if method == "PUT":
            self.files[path] = body
            return b"{}"
        if path not in self.files:
            raise Problem(MISSING)
        return self.files[path]

    def post_experiments_create(self, name):
        if name in self.experiments:
            raise Problem(EXISTS)
        self.experiments[name] = {"experiment_id": str(len(self.experiments) + 1), "tags": []}

    def get_experiments_get_by_name(self, experiment_name):
        return {"experiment": self.experiments[experiment_name]}

    def get_experiments_get(self, experiment_id):
        return {
            "experiment": next(it for it in self.experiments.values() if it["experiment_id"] == experiment_id)
        }

    def post_experiments_set_experiment_tag(self, experiment_id, key, value):
        _set(self.get_experiments_get(experiment_id)["experiment"]["tags"], key, value)

    def post_runs_search(self, experiment_ids, filter):
        status = re.fullmatch("attributes.status = '(.*)'", filter)[1]
        return {"runs": [it for it in self.runs.values() if it["info"]["status"] == status]}

    def post_runs_create(self, experiment_id, run_name, start_time, tags):
        run_id = f"run{len(self.runs) + 1}"
        uri = f"mlflow-artifacts:/{experiment_id}/{run_id}/artifacts"
        info = {"run_id": run_id, "status": "RUNNING", "artifact_uri": uri, "lifecycle_stage": "active"}
        self.runs[run_id] = {"info": info, "data": {"tags": tags, "metrics": [], "params": []}}
        return {"run": self.runs[run_id]}

    def get_runs_get(self, run_id):
        return {"run": self.runs[run_id]}

    def post_runs_update(self, run_id, status, end_time):
        self.runs[run_id]["info"]["status"] = status

    def post_runs_set_tag(self, run_id, key, value):
        _set(self.runs[run_id]["data"]["tags"], key, value)

    def post_runs_log_batch(self, run_id, metrics, params, tags):
        data = self.runs[run_id]["data"]
        data["metrics"] += metrics
        data["params"] += params
        for tag in tags:
            _set(data["tags"], **tag)

    def post_runs_outputs(self, run_id, models):
        assert self.logged[models[0]["model_id"]]["source_run_id"] == run_id

    def post_logged_models(self, experiment_id, source_run_id, name):
        model_id = f"m-{len(self.logged) + 1}"
        uri = f"mlflow-artifacts:/{experiment_id}/models/{model_id}/artifacts"
        info = {"model_id": model_id, "artifact_uri": uri, "source_run_id": source_run_id, "status": ""}
        self.logged[model_id] = info
        return {"model": {"info": info}}

    def patch_logged_models_finalize(self, model_id, status):
        self.logged[model_id]["status"] = status

    def post_registered_models_create(self, name):
        if name in self.models:
            raise Problem(EXISTS)
        self.models[name] = {"name": name}

    def get_registered_models_get(self, name):
        if name not in self.models:
            raise Problem(MISSING)
        aliases = [{"alias": alias, "version": version} for alias, version in self.aliases.items()]
        return {"registered_model": self.models[name] | ({"aliases": aliases} if aliases else {})}

    def post_registered_models_alias(self, name, alias, version):
        self.aliases[alias] = version

    def post_model_versions_create(self, name, source, run_id, model_id, tags):
        assert self.logged[model_id]["status"] == "LOGGED_MODEL_READY"
        number = str(len(self.versions) + 1)
        self.versions[number] = {
            "name": name, "version": number, "source": source, "run_id": run_id, "tags": tags,
            "creation_timestamp": 1_700_000_000_000 + len(self.versions),
        }  # fmt: skip
        return {"model_version": self.versions[number]}

    def get_model_versions_get(self, name, version):
        return {"model_version": self.versions[version]}

    def get_model_versions_get_download_uri(self, name, version):
        if version not in self.versions:
            raise Problem(MISSING)
        return {"artifact_uri": self.logged[self.versions[version]["source"].split("/")[1]]["artifact_uri"]}

    def get_model_versions_search(self, filter):
        sha256 = re.search("model_sha256 = '(.*)'", filter)[1]
        found = [it for it in self.versions.values() if tags(it)["model_sha256"] == sha256]
        return {"model_versions": found} if found else {}

    def post_model_versions_set_tag(self, name, version, key, value):
        _set(self.versions[version]["tags"], key, value)

    def delete_model_versions_delete_tag(self, name, version, key):
        self.versions[version]["tags"] = [it for it in self.versions[version]["tags"] if it["key"] != key]


def tags(thing):
    """Tags by name, of a version, or of a run's data."""
    return {each["key"]: each["value"] for each in thing["tags"]}


def _set(all_tags, key, value):
    all_tags[:] = [it for it in all_tags if it["key"] != key] + [{"key": key, "value": value}]


def _handler(server):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            url = urlparse(self.path)
            if server.login and self.headers.get("authorization") != server.login:
                self.send_error(401)
                return
            try:
                status, content = 200, server.handle(self.command, url.path, dict(parse_qsl(url.query)), body)
            except Problem as error:
                status, code = error.args[0]
                content = json.dumps({"error_code": code}).encode()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def log_message(self, *_):
            pass

    return Handler
