"""Debian's lego, which speaks to the ACME server."""

import subprocess
from pathlib import Path

from acme.settings import Settings

# An ACME server may take a minute for each name.
_TIMEOUT = 600
_LINES = 3


class Failure(Exception):
    """No certificate came. The message has the last lines of lego."""


class Lego:
    """Asks for a certificate. The proofs are files, which the gateway's tasks show to the ACME server."""

    def __init__(self, settings: Settings, program: str = "lego"):
        self._settings = settings
        self._program = program

    def command(self) -> list[str]:
        """The command line.

        `run` also renews: it takes the account that is there, and makes another key. So there is one way, whatever
        the names were before.
        """
        settings = self._settings
        return [
            *(self._program, "--accept-tos", "--email", settings.email, "--server", settings.server),
            *("--path", str(self._folder), "--http", "--http.webroot", str(self._proofs)),
            *(part for host in settings.hosts for part in ("--domains", host)),
            "run",
        ]

    def obtain(self) -> tuple[bytes, bytes]:
        """Get a key, and a certificate with its chain; both in PEM form.

        Raises
        ------
        Failure
            when none comes.
        """
        # lego does not make it.
        self._proofs.mkdir(exist_ok=True)
        try:
            done = subprocess.run(
                self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_TIMEOUT
            )
        except subprocess.TimeoutExpired as error:
            raise Failure(f"lego did not end within {_TIMEOUT} s") from error
        if done.returncode != 0:
            raise Failure(" | ".join(done.stdout.strip().splitlines()[-_LINES:]))
        file = self._folder / "certificates" / self._settings.hosts[0]
        return file.with_name(f"{file.name}.key").read_bytes(), file.with_name(f"{file.name}.crt").read_bytes()

    @property
    def _proofs(self) -> Path:
        """The folder that images/service/challenge.lua reads."""
        return self._settings.folder / "challenge"

    @property
    def _folder(self) -> Path:
        return self._settings.folder / "lego"
