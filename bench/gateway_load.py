"""The load of bench/gateway.ts: predictions by a signed-in user, on connections that are kept."""

import base64
import json
import ssl
import sys
import time
import urllib.request
from pathlib import Path

from serving_load import Server, drive

WAIT_SECONDS = 60


def prepare(folder: str, model: str, user: str, password: str) -> None:
    """Write complete requests, one a file, so that a measurement begins without numpy's start."""
    from serving import bodies

    token = base64.b64encode(f"{user}:{password}".encode())
    for number, request in enumerate(bodies("ours", model, 1)):
        signed = request.replace(b"\r\n", b"\r\nauthorization: Basic " + token + b"\r\n", 1)
        Path(folder, f"{number}.request").write_bytes(signed)


def measure(folder: str, address: str, certificate: str, connections: str, seconds: str) -> None:
    """Send the requests to HOST:PORT for some seconds, and print the result. No certificate: plain HTTP."""
    import uvloop

    requests = [file.read_bytes() for file in sorted(Path(folder).glob("*.request"))]
    host, _, port = address.rpartition(":")
    tls = ssl.create_default_context(cafile=certificate) if certificate else None
    server = Server(host, int(port), tls)
    print(json.dumps(uvloop.run(drive(requests, 1, int(connections), float(seconds), server))))


def wait(address: str, certificate: str) -> None:
    """Wait until a server is healthy. Raises the last error after a minute."""
    tls = ssl.create_default_context(cafile=certificate) if certificate else None
    end = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            scheme = "https" if tls else "http"
            urllib.request.urlopen(f"{scheme}://{address}/health", context=tls, timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def main() -> None:
    """prepare FOLDER MODEL USER PASSWORD | wait HOST:PORT CERTIFICATE |
    measure FOLDER HOST:PORT CERTIFICATE CONNECTIONS SECONDS"""
    match sys.argv[1:]:
        case ["prepare", folder, model, user, password]:
            prepare(folder, model, user, password)
        case ["wait", address, certificate]:
            wait(address, certificate)
        case ["measure", folder, address, certificate, connections, seconds]:
            measure(folder, address, certificate, connections, seconds)
        case _:
            raise SystemExit(main.__doc__)


if __name__ == "__main__":
    main()
