"""A certificate with its key, in one file."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

# Its owner writes, and the group of HAProxy's user reads.
_MODE = 0o640


@dataclass(frozen=True)
class Certificate:
    """What is known of a certificate. Times are in seconds since the epoch."""

    names: frozenset[str]
    begins: float
    ends: float
    serial: str

    @property
    def life(self) -> float:
        """The time from its beginning to its end, in seconds."""
        return self.ends - self.begins


def parse_certificate(pem: bytes) -> Certificate:
    """Read the first certificate of a text in PEM form.

    Raises
    ------
    ValueError
        when there is none, or it names no host.
    """
    first = x509.load_pem_x509_certificate(pem)
    try:
        names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound as error:
        raise ValueError("the certificate names no host") from error
    return Certificate(
        names=frozenset(names.get_values_for_type(x509.DNSName)),
        begins=first.not_valid_before_utc.timestamp(),
        ends=first.not_valid_after_utc.timestamp(),
        serial=f"{first.serial_number:x}",
    )


def read_certificate(path: Path) -> Certificate | None:
    """Read a file; None when it is missing, or has no certificate."""
    try:
        return parse_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def write_certificate(path: Path, key: bytes, chain: bytes) -> None:
    """Put a key, and the certificate with its chain, in the place of a file; whoever reads it sees the old or the new.

    Empty lines are left out, because one would end the command by which HAProxy takes the file.
    """
    lines = [line for line in (key + b"\n" + chain).splitlines() if line.strip()]
    making = path.with_name(f".{path.name}")
    making.unlink(missing_ok=True)
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(b"\n".join(lines) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    making.chmod(_MODE)
    making.replace(path)
