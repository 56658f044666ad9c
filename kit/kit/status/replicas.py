"""The replicas behind the serving name: their addresses, their versions, and their counters."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from kit.server.client import NoAnswer, read
from kit.status.settings import Settings
from kit.status.traffic import Reading, Traffic

PERIOD_SECONDS = 5.0
LIMIT_SECONDS = 4.5
# The time for all answers of one replica. A replica that hangs delays no other.
REPLICA_SECONDS = 3.0
# More than any stack has. A name with thousands of addresses must not start as many requests.
MOST_REPLICAS = 64

Resolve = Callable[[str, int], Awaitable[list[str]]]


@dataclass
class Replica:
    """One replica. `since` is when `answering` got its value, in seconds since 1970."""

    address: str
    answering: bool = False
    since: float = field(default_factory=time.time)
    problem: str = ""
    version: dict[str, Any] = field(default_factory=dict)
    reading: Reading | None = None

    def state(self) -> dict[str, Any]:
        """For the page."""
        started = self.reading.started if self.reading else 0
        return {
            "address": self.address,
            "answering": self.answering,
            "since": self.since,
            "problem": self.problem,
            "started": started or None,
            **{key: self.version.get(f"model_{key}") for key in ("version", "sha256")},
            **{key: self.version.get(key) for key in ("commit", "dirty", "release", "image")},
        }


async def addresses(host: str, port: int) -> list[str]:
    """All addresses of a name, in order.

    Raises
    ------
    NoAnswer : it has none, which is so while no replica is healthy.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, family=socket.AF_INET, type=socket.SOCK_STREAM
        )
    except OSError as error:
        raise NoAnswer(f"no replica is found under the name {host} ({error.strerror or error})") from error
    return sorted({address[0] for *_, address in found}, key=socket.inet_aton)


class Replicas:
    """The facts about all replicas. `ask` updates them.

    Attributes
    ----------
    current : the replicas at the addresses of the last look-up, by address.
    info : the answer of /model_info about the serving model; empty until a replica was asked.
    """

    def __init__(self, settings: Settings, http: httpx.AsyncClient, resolve: Resolve = addresses) -> None:
        self._host, self._port = settings.serving_host, settings.serving_port
        self._http = http
        self._resolve = resolve
        self.current: dict[str, Replica] = {}
        self.info: dict[str, Any] = {}
        self.traffic = Traffic(PERIOD_SECONDS)
        self.asked = False

    async def ask(self) -> None:
        """Ask every replica at once.

        Raises
        ------
        NoAnswer : there is no replica, or none answers.
        """
        try:
            found = (await self._resolve(self._host, self._port))[:MOST_REPLICAS]
        except (NoAnswer, asyncio.CancelledError):
            # Earlier replicas may be alive or not. Nothing is known about them.
            self._keep([])
            raise
        self._keep(found)
        try:
            await asyncio.gather(*map(self._ask_one, self.current.values()))
        finally:
            self.asked = True
            answering = {each.address: each.reading for each in self.answering()}
            self.traffic.add(time.time(), answering)
        if not self.answering():
            raise NoAnswer(f"none of the {len(found)} replicas answers on port {self._port}")

    def answering(self) -> list[Replica]:
        """The replicas that answered the last question, by address."""
        return [each for each in self.current.values() if each.answering and each.reading is not None]

    def _keep(self, found: list[str]) -> None:
        self.current = {address: self.current.get(address) or Replica(address) for address in found}
        if not found:
            self.asked = True
            self.traffic.add(time.time(), {})

    async def _ask_one(self, replica: Replica) -> None:
        base = f"http://{replica.address}:{self._port}"
        try:
            async with asyncio.timeout(REPLICA_SECONDS):
                text = await self._get(f"{base}/metrics")
                replica.reading = Reading.parse(text.decode(), time.monotonic())
                replica.version = await self._object(f"{base}/version")
                if replica.version.get("model_sha256") != self.info.get("sha256"):
                    self.info = await self._object(f"{base}/model_info")
        except TimeoutError:
            self._mark(replica, False, f"no answer within {REPLICA_SECONDS:g} s")
        except NoAnswer as error:
            self._mark(replica, False, str(error))
        except ValueError as error:  # neither metrics nor JSON
            self._mark(replica, False, f"its answer cannot be read: {str(error)[:200]}")
        else:
            self._mark(replica, True, "")

    def _mark(self, replica: Replica, answering: bool, problem: str) -> None:
        if replica.answering is not answering:
            replica.answering, replica.since = answering, time.time()
        replica.problem = problem

    async def _get(self, url: str) -> bytes:
        status, body = await read(self._http, "GET", url)
        if status != 200:
            raise NoAnswer(f"{url} answers {status}")
        return body

    async def _object(self, url: str) -> dict[str, Any]:
        found = orjson.loads(await self._get(url))
        if not isinstance(found, dict):
            raise ValueError(f"{url} gives no JSON object")
        return found
