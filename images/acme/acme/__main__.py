"""Runs the service: python3 -m acme."""

import os
import time

from prometheus_client import start_http_server

from acme.lego import Lego
from acme.metrics import registry_of
from acme.service import Service
from acme.settings import read_settings


def main() -> None:
    """Run until the task is stopped."""
    settings = read_settings(os.environ)
    service = Service(settings, Lego(settings).obtain, time.time)
    # The server answers from a thread of its own. When the main thread ends, so does the process.
    start_http_server(settings.port, registry=registry_of(service.state))
    while True:
        service.step()
        # The clock may be set while the service waits, so it looks often.
        time.sleep(service.pause())


if __name__ == "__main__":
    main()
