"""`python -m stub.serving`: one registered version over HTTP."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from stub import contract
from stub.answers import Server, Service, handler
from stub.contract import Failure, Variables
from stub.mlflow import Mlflow, Unreachable
from stub.model_files import ModelFiles, Unusable

BAD_MODEL = 3
STOPS = {signal.SIGTERM, signal.SIGINT}
DRAIN_SECONDS, FINISH_SECONDS = 3.0, 10.0


def load(server: Mlflow, cache: str, name: str, version: str, sha256: str, files_sha256: str) -> ModelFiles:
    """A version's files with the model of this hash, from the cache if it has them."""
    kept = Path(cache or ".", f"{version}-{files_sha256 or sha256}.json")
    if cache:
        try:
            files = ModelFiles({key: text.encode() for key, text in json.loads(kept.read_text()).items()})
            files.load(sha256, files_sha256)
            return files
        except FileNotFoundError:
            pass
        except (OSError, ValueError, AttributeError, Unusable) as error:
            print(f"WARNING MODEL_CACHE: {kept} is of no use: {error}", file=sys.stderr)
    files = ModelFiles.of_version(server, name, version)
    files.load(sha256, files_sha256)
    if cache:
        try:
            part = kept.with_suffix(f".{os.getpid()}.{os.uname().nodename}")
            part.write_text(json.dumps({key: content.decode() for key, content in files.content.items()}))
            part.replace(kept)
        except OSError as error:
            print(f"WARNING MODEL_CACHE: nothing can be kept: {error}", file=sys.stderr)
    return files


def serve(environment: Mapping[str, str]) -> None:
    """Serve until a signal; raises Failure."""
    # Process 1 ignores these signals without a handler.
    for number in STOPS:
        signal.signal(number, _end)
    given = Variables(environment)
    address, name = given.text("MLFLOW_TRACKING_URI"), given.text("MODEL_NAME")
    version, sha256 = given.text("MODEL_VERSION"), given.text("MODEL_SHA256")
    who = {
        "model_name": name, "model_version": version, "model_sha256": sha256,
        "commit": given.text("GIT_COMMIT", ""), "dirty": given.text("GIT_DIRTY", "") == "true",
        "release": given.text("RELEASE_REF", ""), "environment": given.text("ENVIRONMENT", ""),
        "image": given.text("IMAGE", ""),
    }  # fmt: skip
    ports = [given.read("PORT", contract.whole(1), 8000), given.read("METRICS_PORT", contract.whole(1), 0)]
    cache, files_sha256 = given.text("MODEL_CACHE", ""), given.text("MODEL_FILES_SHA256", "")
    settings = given.settings()
    given.check()
    try:
        server = Mlflow(address, settings["mlflowRetrySeconds"])
        files = load(server, cache, name, version, sha256, files_sha256)
    except Unusable as error:
        raise Failure(BAD_MODEL, f"MODEL_VERSION: {name} {version}: {error}") from error
    except Unreachable as error:
        raise Failure(contract.UNREACHABLE, f"MLFLOW_TRACKING_URI: no answer ({error})") from error
    # Threads inherit the mask. Otherwise any thread could get a signal, and this one would not see it.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    service = Service(files, who, settings)
    servers = [Server(("", port), handler(service)) for port in ports if port]
    for each in servers:
        threading.Thread(target=each.serve_forever, daemon=True).start()
    if after := settings["servingDiesAfter"]:
        timer = threading.Timer(after, _die, [after])
        timer.daemon = True
        timer.start()
    signal.sigwait(STOPS)
    # First the gateway stops sending. Then connections may be refused.
    service.draining = True
    time.sleep(DRAIN_SECONDS)
    for each in servers:
        each.shutdown()
    ends = time.monotonic() + FINISH_SECONDS
    while service.under_way and time.monotonic() < ends:
        time.sleep(0.02)


def _end(*_: object) -> None:
    raise Failure(contract.OK, "ended before it served")


def _die(after: float) -> None:
    print(f"dying after {after} s", file=sys.stderr, flush=True)
    os._exit(9)


def main() -> int:
    """Serve, and return the exit code."""
    try:
        serve(os.environ)
    except Failure as error:
        print(error, file=sys.stderr)
        return error.code
    return contract.OK


if __name__ == "__main__":
    sys.exit(main())
