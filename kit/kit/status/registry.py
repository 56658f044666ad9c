"""MLflow's facts: the registered model, its history, and the last runs."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from kit.registry.names import (
    CHALLENGER,
    CHAMPION,
    QUALITY,
    RELEASED_PREFIX,
    RETRAINING_PREFIX,
    SUPERSEDED_BY,
)
from kit.registry.rest import Rest, tags_of
from kit.status.history import events
from kit.status.settings import Settings

PERIOD_SECONDS = 10.0
LIMIT_SECONDS = 8.0
RUNS_SHOWN = 10
QUALITY_LIMIT = 1 << 20
# After the time limit, the starter of a run gets this long to end it.
OVERTIME_SECONDS = 120
# The page shows so much of one text. Descriptions and reasons are much shorter.
LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class Run:
    """One training run. Times are in seconds since 1970. `ended` is None while it runs."""

    run_id: str
    experiment_id: str
    name: str
    status: str
    started: float
    ended: float | None
    metrics: dict[str, float]
    parameters: dict[str, str]
    tags: dict[str, str]

    @classmethod
    def parse(cls, run: dict[str, Any]) -> "Run":
        """Parse MLflow's JSON."""
        info, data = run["info"], run.get("data", {})
        ended = info.get("end_time")
        return cls(
            run_id=info["run_id"],
            experiment_id=info.get("experiment_id", ""),
            name=info.get("run_name", ""),
            status=info["status"],
            started=int(info.get("start_time", 0)) / 1000,
            ended=int(ended) / 1000 if ended else None,
            metrics={each["key"]: each["value"] for each in data.get("metrics", ())},
            parameters={each["key"]: each["value"][:LONGEST_TEXT] for each in data.get("params", ())},
            tags=_tags(data),
        )

    def has_ended(self, training_timeout: float, now: float) -> bool:
        """Whether it is over, or has run so long that its starter can no longer end it."""
        return self.status not in ("RUNNING", "SCHEDULED") or self.is_overdue(training_timeout, now)

    def is_overdue(self, training_timeout: float, now: float) -> bool:
        """Whether it is marked as running for longer than it may run."""
        return self.ended is None and now - self.started > training_timeout + OVERTIME_SECONDS

    @property
    def has_failed(self) -> bool:
        """Whether it did not come to its end, and was not superseded by a later one."""
        return self.status != "FINISHED" and SUPERSEDED_BY not in self.tags


@dataclass(frozen=True)
class Version:
    """A version of the registered model."""

    number: int
    run_id: str
    created: float
    tags: dict[str, str]


@dataclass(frozen=True)
class Snapshot:
    """MLflow's answers at one time. `runs` come newest first. `quality` belongs to `finished`.

    `artifacts` are the files of the champion's run by name, with their sizes in bytes, without folders.
    """

    champion: Version | None = None
    challenger: Version | None = None
    champion_run: Run | None = None
    artifacts: Mapping[str, int] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()
    finished: Run | None = None
    quality: dict[str, Any] = field(default_factory=dict)
    releases: tuple[dict[str, Any], ...] = ()
    decisions: tuple[dict[str, Any], ...] = ()


class Registry:
    """The MLflow of one environment. `ask` updates `snapshot`, which is None before the first answer."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._rest = Rest(settings.mlflow_uri, http, (settings.tracking_username, settings.tracking_password))
        self._quality: tuple[str, dict[str, Any]] = ("", {})
        self.snapshot: Snapshot | None = None

    async def ask(self) -> None:
        """Read everything again.

        Raises
        ------
        NoAnswer : MLflow does not answer, or refuses.
        """
        name = self._settings.model_name
        model = await self._rest.find("registered-models/get", "registered_model", name=name)
        aliases = {each["alias"]: each["version"] for each in model.get("aliases", ())}
        champion = await self._version(aliases.get(CHAMPION))
        challenger = await self._version(aliases.get(CHALLENGER))
        experiment = await self._rest.find(
            "experiments/get-by-name", "experiment", experiment_name=self._settings.experiment_name
        )
        runs = await self._runs(experiment.get("experiment_id"))
        finished = next((run for run in runs if run.status == "FINISHED"), None)
        if finished is None and len(runs) == RUNS_SHOWN:
            found = await self._runs(experiment.get("experiment_id"), "attributes.status = 'FINISHED'", 1)
            finished = next(iter(found), None)
        champion_run = await self._run(champion.run_id, runs) if champion else None
        tags = _tags(model)
        self.snapshot = Snapshot(
            champion=champion,
            challenger=challenger,
            champion_run=champion_run,
            artifacts=await self._artifacts(champion_run.run_id) if champion_run else {},
            runs=runs,
            finished=finished,
            quality=await self._quality_of(finished),
            releases=events(tags, RELEASED_PREFIX),
            decisions=events(tags, RETRAINING_PREFIX),
        )

    async def artifact(self, run_id: str, path: str, limit: int) -> bytes | None:
        """An artifact's bytes; None if the run has no artifact of this name.

        Raises
        ------
        NoAnswer : MLflow does not answer, or the artifact is larger than `limit` bytes.
        """
        return await self._rest.artifact(run_id, path, limit)

    async def _version(self, number: str | None) -> Version | None:
        if number is None:
            return None
        name = self._settings.model_name
        found = await self._rest.find("model-versions/get", "model_version", name=name, version=str(number))
        if not found:
            return None  # deleted since
        created = int(found.get("creation_timestamp", 0)) / 1000
        return Version(int(found["version"]), found.get("run_id", ""), created, _tags(found))

    async def _runs(
        self, experiment_id: str | None, where: str = "", count: int = RUNS_SHOWN
    ) -> tuple[Run, ...]:
        if experiment_id is None:
            return ()
        return tuple(map(Run.parse, await self._rest.runs(experiment_id, where, count)))

    async def _run(self, run_id: str, known: tuple[Run, ...]) -> Run | None:
        for run in known:
            if run.run_id == run_id:
                return run
        found = await self._rest.find("runs/get", "run", run_id=run_id) if run_id else {}
        return Run.parse(found) if found else None

    async def _artifacts(self, run_id: str) -> dict[str, int]:
        found = await self._rest.find("artifacts/list", "files", run_id=run_id)
        return {each["path"]: int(each.get("file_size") or 0) for each in found if not each.get("is_dir")}

    async def _quality_of(self, run: Run | None) -> dict[str, Any]:
        """A finished run's quality report, which no longer changes."""
        if run is None:
            return {}
        if self._quality[0] != run.run_id:
            content = await self._rest.artifact(run.run_id, QUALITY, QUALITY_LIMIT)
            report = orjson.loads(content) if content else {}
            self._quality = (run.run_id, report if isinstance(report, dict) else {})
        return self._quality[1]


def last_ended(snapshot: Snapshot, training_timeout: float) -> Run | None:
    """The newest run that is over."""
    now = time.time()
    return next((run for run in snapshot.runs if run.has_ended(training_timeout, now)), None)


def has_last_run_failed(snapshot: Snapshot, training_timeout: float) -> bool:
    """Whether the newest run that is over has failed."""
    ended = last_ended(snapshot, training_timeout)
    return ended is not None and ended.has_failed


def _tags(entity: dict[str, Any]) -> dict[str, str]:
    return {key: value[:LONGEST_TEXT] for key, value in tags_of(entity).items()}
