"""A server with Ollama's API, and a model that writes two sentences about its question.

Run it as `python ollama_server.py PORT`. The environment variables MODEL and MODE (one of MODES) choose its
content. Source of the API: https://github.com/ollama/ollama/blob/main/docs/api.md
"""

import datetime
import hashlib
import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# "has": the model is there. "pull": it can be fetched. "no-pull": as without internet. "stalls": fetching
# never ends. "hangs": the server accepts and says nothing. "trickles": an answer that never ends. "empty",
# "garbled": the model's answer.
MODES = ("has", "pull", "no-pull", "stalls", "hangs", "trickles", "empty", "garbled")
PART_SECONDS = 0.05
SIZE = 1_300_000_000


class OllamaServer(ThreadingHTTPServer):
    """`requests` has the paths and JSON bodies of the received requests, in order."""

    daemon_threads = True

    def __init__(self, port: int, model: str, mode: str, host: str = "127.0.0.1"):
        if mode not in MODES:
            raise ValueError(f"MODE: got {mode!r}; allowed: {', '.join(MODES)}")
        super().__init__((host, port), Handler)
        self.model, self.mode = tagged(model), mode
        self.there = mode in ("has", "hangs", "trickles", "empty", "garbled")
        self.requests: list[tuple[str, dict]] = []
        self.ending = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object):
        self.ending.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: OllamaServer
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/":
            self.send(200, b"Ollama is running", "text/plain")
        elif self.path == "/api/version":
            self.send_json(200, {"version": "0.12.6"})
        elif self.path == "/api/tags":
            self.send_json(200, {"models": [self.described()] if self.server.there else []})
        else:
            self.send(404, b"404 page not found", "text/plain")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not body:
            self.send_json(400, {"error": "missing request body"})
            return
        given = json.loads(body)
        self.server.requests.append((self.path, given))
        if self.server.mode == "hangs":
            self.server.ending.wait()
            self.close_connection = True
            return
        answers = {"/api/show": self.show, "/api/pull": self.pull, "/api/chat": self.chat}
        if self.path not in answers:
            self.send(404, b"404 page not found", "text/plain")
            return
        answers[self.path](given, tagged(given.get("model") or given.get("name", "")))

    def show(self, given: dict, name: str):
        if not self.has(name):
            self.send_json(404, {"error": f"model '{given['model']}' not found"})
            return
        self.send_json(200, {
            "modelfile": f"FROM {name}\n", "parameters": "", "template": "{{ .Prompt }}",
            "details": self.described()["details"], "model_info": {"general.architecture": "llama"},
            "capabilities": ["completion"], "modified_at": now(),
        })  # fmt: skip

    def pull(self, given: dict, name: str):
        stream = given.get("stream", True)
        if not self.has(name) and (self.server.mode not in ("pull", "stalls") or name != self.server.model):
            reason = (
                "pull model manifest: file does not exist"
                if self.server.mode == "pull"
                else 'pull model manifest: Get "https://registry.ollama.ai/v2/": dial tcp: lookup '
                "registry.ollama.ai on 127.0.0.11:53: server misbehaving"
            )
            if stream:
                self.send_lines([{"status": "pulling manifest"}, {"error": reason}])
            else:
                self.send_json(500, {"error": reason})
            return
        if stream:
            self.send_lines(self.pulling())
        else:
            for _ in self.pulling():
                pass
            self.send_json(200, {"status": "success"})

    def pulling(self) -> Iterable[dict]:
        layer = hashlib.sha256(self.server.model.encode()).hexdigest()
        yield {"status": "pulling manifest"}
        part = {"status": f"pulling {layer[:12]}", "digest": f"sha256:{layer}", "total": SIZE}
        yield part
        while self.server.mode == "stalls" and not self.server.ending.wait(PART_SECONDS):
            yield part | {"completed": SIZE // 10}
        for tenth in range(1, 11):
            time.sleep(PART_SECONDS / 10)
            yield part | {"completed": SIZE * tenth // 10}
        for status in ("verifying sha256 digest", "writing manifest"):
            yield {"status": status}
        self.server.there = True
        yield {"status": "success"}

    def chat(self, given: dict, name: str):
        if not self.has(name):
            self.send_json(404, {"error": f"model '{given['model']}' not found"})
            return
        message = {"role": "assistant", "content": self.written(given["messages"])}
        frame = {"model": given["model"], "created_at": now()}
        last = {
            "done": True, "done_reason": "stop", "total_duration": 5_191_566_416, "load_duration": 2_154_458,
            "prompt_eval_count": 926, "prompt_eval_duration": 383_809_000, "eval_count": 98,
            "eval_duration": 4_799_921_000,
        }  # fmt: skip
        if given.get("stream", True):
            parts = re.findall(r"\S+\s*", message["content"])
            lines = [frame | {"message": message | {"content": part}, "done": False} for part in parts]
            self.send_lines([*lines, frame | {"message": message | {"content": ""}} | last])
        else:
            self.send_json(200, frame | {"message": message} | last)

    def written(self, messages: list[dict]) -> str:
        if self.server.mode == "empty":
            return ""
        if self.server.mode == "garbled":
            return "\x00\ufffd\ufffd#### 00 -- 0x0 ||| 1 2 3 4 5 6 7 8 9 \x1b[31m" * 4
        found = re.search(r"version (\w+)", messages[-1]["content"])
        about = f"version {found[1]}" if found else "a run"
        return (
            f"The run concerns {about}.\x07 Its recall of each class is in the table, and <b>the data</b> "
            "has no fault that was [counted](http://127.0.0.1/).\n\nNothing else is known."
        )

    def has(self, name: str) -> bool:
        return self.server.there and name == self.server.model

    def described(self) -> dict:
        name = self.server.model
        details = {
            "parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"],
            "parameter_size": "1.2B", "quantization_level": "Q8_0",
        }  # fmt: skip
        digest = hashlib.sha256(name.encode()).hexdigest()
        return {
            "name": name, "model": name, "modified_at": now(), "size": SIZE, "digest": digest,
            "details": details,
        }  # fmt: skip

    def send_json(self, status: int, content: dict):
        self.send(status, json.dumps(content).encode(), "application/json; charset=utf-8")

    def send(self, status: int, content: bytes, kind: str):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        for at in range(len(content)):
            if self.server.mode != "trickles":
                self.wfile.write(content)
                break
            self.wfile.write(content[at : at + 1])
            if self.server.ending.wait(PART_SECONDS):
                break

    def send_lines(self, lines: Iterable[dict]):
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for line in lines:
                content = json.dumps(line).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            self.close_connection = True  # the client has given up

    def log_message(self, *_: object):
        """Write nothing. The tests read `requests`."""


def tagged(name: str) -> str:
    """A name without a tag means the latest model."""
    return name if ":" in name else f"{name}:latest"


def now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    OllamaServer(
        int(sys.argv[1]), os.environ.get("MODEL", "llama3.2:1b"), os.environ.get("MODE", "has"), "0.0.0.0"
    ).serve_forever()
