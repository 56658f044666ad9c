"""A service on a folder of its own, with a clock and an ACME server that do what a test says."""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from acme.service import Service
from acme.settings import Settings

BEGIN = 1_800_000_000.0
DAY = 86_400.0


class Server:
    """Signs a certificate for the names, or fails with `failure`."""

    def __init__(self, clock):
        self.clock = clock
        self.names = ("ml.example.org",)
        self.life = 90 * DAY
        self.failure = None
        self.asked = 0

    def __call__(self):
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return issue(self.names, self.clock.time, self.clock.time + self.life)


class Clock:
    """A clock that moves when it is told."""

    time = BEGIN

    def __call__(self):
        return self.time


def issue(names, begins, ends):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime.fromtimestamp(begins, datetime.UTC))
        .not_valid_after(datetime.datetime.fromtimestamp(ends, datetime.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(it) for it in names]), critical=True)
        .sign(key, hashes.SHA256())
    )
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return text, b"\n" + certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def server(clock):
    return Server(clock)


@pytest.fixture
def settings(tmp_path):
    def make(**more):
        given = {
            **{"email": "ops@example.org", "hosts": ("ml.example.org",), "server": "https://acme.example.org/dir"},
            **{"folder": tmp_path, "ready": tmp_path / "ready", "port": 8000},
        }
        return Settings(**{**given, **more})

    return make


@pytest.fixture
def make(settings, server, clock):
    """Make a service, as a task that starts."""
    return lambda **more: Service(settings(**more), server, clock)
