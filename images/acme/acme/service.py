"""Decides when a certificate is asked for, and puts it where the gateway finds it."""

import datetime
from collections.abc import Callable
from pathlib import Path

from acme.certificate import parse_certificate, read_certificate, write_certificate
from acme.lego import Failure
from acme.metrics import State
from acme.settings import Settings

# A certificate of 90 days is renewed 30 days before its end, as Let's Encrypt advises, and a shorter one when a third
# of its life is left.
EARLY = 30 * 86_400.0
SHARE = 1 / 3
# After failures in a row. An hour has five attempts: that many may fail at Let's Encrypt for one name.
# Source: https://letsencrypt.org/docs/rate-limits/
DELAYS = (15.0, 120.0, 1200.0)
# Of a short-lived certificate, so that there are attempts before it ends.
SOON = 1 / 20
LEAST_DELAY = 2.0
LOOK = 30.0


class Service:
    """The service. While no new certificate comes, the old one stays.

    Parameters
    ----------
    obtain : gets a key, and a certificate with its chain.
    clock : the seconds since the epoch.
    """

    def __init__(self, settings: Settings, obtain: Callable[[], tuple[bytes, bytes]], clock: Callable[[], float]):
        self._settings = settings
        self._obtain = obtain
        self._clock = clock
        self._failures = 0
        self.state = State()
        self._look()
        self.due = self._next()

    def step(self) -> None:
        """Ask for a certificate if it is time, and say in one line how it went."""
        if self._clock() < self.due:
            return
        try:
            self._renew()
        # Of whatever kind: a task that ended would ask anew every few seconds, until the server refuses it.
        except Exception as error:
            self._failures += 1
            self.state.failed = True
            self.due = self._clock() + self._delay()
            why = str(error) if isinstance(error, Failure) else repr(error)
            print(f"failed: {why}; next attempt at {_time(self.due)}")
            return
        self._failures = 0
        self.state.failed = False
        self._look()
        self.due = self._next()
        current = self.state.certificate
        print(
            f"{', '.join(self._settings.hosts)}: certificate {current.serial} until {_time(current.ends)}; "
            f"the next one is asked for at {_time(self.due)}"
        )

    def pause(self) -> float:
        """The seconds to wait before the next step."""
        return min(max(self.due - self._clock(), 0.0), LOOK)

    def _renew(self) -> None:
        key, chain = self._obtain()
        got = parse_certificate(chain)
        if got.names != frozenset(self._settings.hosts):
            raise Failure(f"the certificate is for {', '.join(sorted(got.names))}")
        write_certificate(self._settings.certificate, key, chain)
        self._origin().write_text(self._settings.server, "utf-8")
        self.state.last = self._clock()

    def _look(self) -> None:
        """Read what is there. The gateway may serve a certificate for other names while a new one is asked for."""
        self.state.certificate = read_certificate(self._settings.certificate)
        if self._fits():
            self._settings.ready.touch()
        else:
            self._settings.ready.unlink(missing_ok=True)

    def _fits(self) -> bool:
        current, origin = self.state.certificate, self._origin()
        return (
            current is not None
            and current.names == frozenset(self._settings.hosts)
            and origin.exists()
            and origin.read_text("utf-8") == self._settings.server
        )

    def _next(self) -> float:
        current = self.state.certificate
        if current is None or not self._fits():
            return self._clock()
        return current.ends - min(EARLY, current.life * SHARE)

    def _delay(self) -> float:
        delay = DELAYS[min(self._failures, len(DELAYS)) - 1]
        current = self.state.certificate
        return delay if current is None else max(LEAST_DELAY, min(delay, current.life * SOON))

    def _origin(self) -> Path:
        """The file with the name of the server that gave the certificate."""
        return self._settings.folder / "server"


def _time(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%FT%TZ")
