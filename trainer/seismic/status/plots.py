"""The figures that the champion's training run left in MLflow. Each is fetched once."""

import asyncio

from .registry import Registry

# The files of seismic.training.publishing, in the order in which the page shows them.
PLOTS = ("confusion.png", "precision_recall.png", "classes.png", "tuning.png", "section.png")
# A figure has up to about 1 MiB.
LARGEST_PLOT = 4 << 20
FETCH_SECONDS = 15.0


class Plots:
    """A cache of the figures of one run. It has at most len(PLOTS) times LARGEST_PLOT bytes."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._run_id = ""
        self._kept: dict[str, bytes] = {}
        # One fetch at a time: viewers who come together share the first one's figure.
        self._lock = asyncio.Lock()

    def run_id(self) -> str:
        """The run of the figures; empty if there is none."""
        snapshot = self._registry.snapshot
        return snapshot.champion_run.run_id if snapshot and snapshot.champion_run else ""

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
                self._kept[name] = content
            return self._kept[name]
