"""The load of bench/serving.ts and bench/gateway.ts: keep-alive HTTP/1.1 with ready-made bytes, so that it costs little time."""

import asyncio
import os
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
WARM_UP_SECONDS = float(os.environ.get("BENCH_WARM_UP", "2"))
MOST_REQUESTS = 1_000_000


@dataclass
class Load:
    """The connections' common data: the requests, the end time, and the results."""

    requests: list[bytes]
    begin: float
    end: float
    latencies: list[float] = field(default_factory=list)
    sent: int = 0
    failed: str = ""


class Connection(asyncio.Protocol):
    """One connection. It sends the next request after each answer."""

    def __init__(self, load: Load, done: Callable[[], None]) -> None:
        self.load, self.done = load, done
        self.received = b""
        self.missing = -1

    def connection_made(self, transport) -> None:
        """Begin."""
        self.transport = transport
        self.send()

    def send(self) -> None:
        """Send the next request, or end."""
        self.start = time.perf_counter()
        # In a short measurement, wait for one answer of a slow server.
        over = self.start >= self.load.end and self.load.latencies
        if over or self.load.sent >= MOST_REQUESTS or self.load.failed:
            self.transport.close()
            return
        self.received, self.missing = b"", -1
        self.transport.write(self.load.requests[self.load.sent % len(self.load.requests)])
        self.load.sent += 1

    def data_received(self, data: bytes) -> None:
        """Read until the answer is complete."""
        if self.missing < 0:
            self.received += data
            head = self.received.find(b"\r\n\r\n")
            if head < 0:
                return
            length = LENGTH.search(self.received)
            if length is None or not self.received.startswith(b"HTTP/1.1 200"):
                self.load.failed = self.received[:400].decode(errors="replace")
                self.transport.close()
                return
            self.missing = int(length[1]) + head + 4 - len(self.received)
        else:
            self.missing -= len(data)
        if self.missing == 0:
            now = time.perf_counter()
            if self.start >= self.load.begin:
                self.load.latencies.append(now - self.start)
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        """End, with or without an error."""
        if error is not None:
            self.load.failed = repr(error)
        self.done()


def server_cpu_seconds() -> float:
    """The CPU time of the server's processes so far. The containers share their process ids."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*/stat"):
        if process.parent.name != str(os.getpid()):
            # Skip the name, which may hold spaces. In proc(5), utime and stime are fields 14 and 15.
            fields = process.read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """Where the requests go, and the TLS settings; None for plain HTTP."""

    host: str = "127.0.0.1"
    port: int = 8000
    tls: ssl.SSLContext | None = None


LOOPBACK = Server()


async def drive(
    requests: list[bytes], rows: int, connections: int, seconds: float, server: Server = LOOPBACK
) -> dict:
    """Send complete requests of `rows` rows to a server, from several connections at once.

    Returns rows a second, latencies in ms, and rows per second of the server's CPU time; None if the
    server's processes are not seen from here. Raises RuntimeError for any answer except 200.
    """
    loop = asyncio.get_running_loop()
    begin = time.perf_counter() + WARM_UP_SECONDS
    load = Load(requests, begin, begin + seconds)
    before, own = server_cpu_seconds(), time.process_time()
    ended = asyncio.Semaphore(0)
    for _ in range(connections):
        await loop.create_connection(
            lambda: Connection(load, ended.release), server.host, server.port, ssl=server.tls
        )
    for _ in range(connections):
        await ended.acquire()
    if load.failed or not load.latencies:
        raise RuntimeError(load.failed or "no answer in time")
    elapsed = time.perf_counter() - load.begin
    cpu = server_cpu_seconds() - before
    ordered = sorted(load.latencies)
    return {
        "rows": rows,
        "connections": connections,
        "sent": load.sent,
        "rate": len(ordered) * rows / elapsed,
        "p50": 1000 * ordered[len(ordered) // 2],
        "p99": 1000 * ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        # All sent requests count, also those of the warm-up. The time that other programs use does not count.
        "per_cpu_second": load.sent * rows / cpu if cpu > 0 else None,
        "client_cpu": (time.process_time() - own) / (elapsed + WARM_UP_SECONDS),
    }
