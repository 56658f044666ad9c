"""The figures that the champion's training run left in MLflow. Each is fetched once."""

import asyncio
from collections.abc import Mapping

from kit.status.registry import Registry

# These come first, in this order, and the others by name.
FIRST = (
    "confusion.png",
    "precision_recall.png",
    "roc.png",
    "reliability.png",
    "calibration.png",
    "predicted.png",
    "residuals.png",
    "classes.png",
    "importance.png",
    "tuning.png",
)
MOST_PLOTS = 24
# A figure has up to about 1 MiB. A larger one is not shown.
LARGEST_PLOT = 4 << 20
# Bytes in memory for all figures together. Beyond that, the oldest is fetched again when somebody asks.
KEPT_BYTES = 5 * LARGEST_PLOT
FETCH_SECONDS = 15.0


def shown(artifacts: Mapping[str, int]) -> list[str]:
    """The figures among a run's files, which are sizes in bytes by name, in the page's order."""
    names = [
        name
        for name, size in artifacts.items()
        if name.endswith(".png") and "/" not in name and size <= LARGEST_PLOT
    ]
    known = [name for name in FIRST if name in names]
    return [*known, *sorted(set(names) - set(known))][:MOST_PLOTS]


class Plots:
    """A cache of the figures of one run. It has at most KEPT_BYTES."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._run_id = ""
        self._kept: dict[str, bytes] = {}
        # One fetch at a time: viewers who come together share the first one's figure.
        self._lock = asyncio.Lock()

    def of_champion(self) -> tuple[str, list[str]]:
        """The run of the figures, and their names; empty if there is no champion."""
        snapshot = self._registry.snapshot
        if snapshot is None or snapshot.champion_run is None:
            return "", []
        return snapshot.champion_run.run_id, shown(snapshot.artifacts)

    async def png(self, run_id: str, name: str) -> bytes | None:
        """One figure of a run; None if the run has no figure of this name.

        Raises
        ------
        NoAnswer, TimeoutError : MLflow does not give it.
        """
        async with asyncio.timeout(FETCH_SECONDS), self._lock:
            if self._run_id != run_id:
                self._run_id, self._kept = run_id, {}
            if name not in self._kept:
                content = await self._registry.artifact(run_id, name, LARGEST_PLOT)
                if content is None:
                    return None
                self._keep(name, content)
            return self._kept[name]

    def _keep(self, name: str, content: bytes) -> None:
        self._kept[name] = content
        while sum(map(len, self._kept.values())) > KEPT_BYTES:
            del self._kept[next(iter(self._kept))]
