"""Runs the service: python3 -m backup."""

import os
import sys

from prometheus_client import start_http_server

from backup.clock import Clock
from backup.metrics import registry_of
from backup.service import Service
from backup.settings import SettingsError, read_settings


def main() -> None:
    """Run until the task is stopped. A setting that cannot be used ends it with exit code 1."""
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        sys.exit(f"backup: {error}")
    service = Service(settings, Clock())
    service.start()
    # The server answers from a thread of its own. When the main thread ends, so does the process.
    start_http_server(settings.port, registry=registry_of(service.state))
    service.run()


if __name__ == "__main__":
    main()
