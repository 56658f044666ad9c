"""The service's settings, which are variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What is asked of whom, and where the answer goes.

    Attributes
    ----------
    email : the account with the ACME server.
    hosts : the names in the certificate.
    server : the address of the ACME server's directory.
    folder : a folder that the gateway's tasks see too. It has the certificate, the proofs, and lego's own files.
    ready : a file that is there while the folder has a certificate from this server for these names.
    port : where the metrics are.
    """

    email: str
    hosts: tuple[str, ...]
    server: str
    folder: Path
    ready: Path
    port: int

    @property
    def certificate(self) -> Path:
        """The file for HAProxy: the key, the certificate and its chain."""
        return self.folder / "certificate.pem"


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises
    ------
    KeyError
        for one that is missing.
    """
    return Settings(
        email=env["ACME_EMAIL"],
        hosts=tuple(env["ACME_HOSTS"].split(",")),
        server=env["ACME_SERVER"],
        folder=Path(env["CERTIFICATES_FOLDER"]),
        ready=Path(env["READY_FILE"]),
        port=int(env["PORT"]),
    )
