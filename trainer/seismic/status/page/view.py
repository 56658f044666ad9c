"""The page's content, as one JSON object that the page asks for every few seconds."""

import time
from typing import Any

from kit.judging.gate import REASONS_TAG, STATE_TAG
from kit.registry.names import COMMIT, DESCRIPTION, HASH_TAG, RELEASE, REPRODUCED, SUPERSEDED_BY, TRIGGER
from kit.status.markdown import nodes
from kit.status.sources import Source
from seismic.status.metrics import is_candidate_waiting
from seismic.status.plots import PLOTS
from seismic.status.registry import Registry, Run, Snapshot, Version, has_last_run_failed
from seismic.status.replicas import Replicas
from seismic.status.settings import Settings

# Parts of /model_info. The last two decide which traces may be tried.
INFO = ("version", "sha256", "classifier", "trained_at", "metrics", "classes", "n_samples", "interval_us")
RUN_TAGS = (STATE_TAG, REASONS_TAG, SUPERSEDED_BY, TRIGGER, REPRODUCED)
VERSION_TAGS = (HASH_TAG, STATE_TAG, REASONS_TAG, COMMIT, RELEASE)


def page_data(
    settings: Settings, sources: list[Source], replicas: Replicas, registry: Registry
) -> dict[str, Any]:
    """Everything that the page shows, except plots and traces. Times are seconds since 1970."""
    snapshot = registry.snapshot
    return {
        "now": time.time(),
        "sources": [source.state() for source in sources],
        "drift_threshold": settings.drift_threshold,
        "serving": _serving(replicas),
        "traffic": replicas.traffic.view(),
        "registry": None if snapshot is None else _registry(snapshot, settings),
    }


def _serving(replicas: Replicas) -> dict[str, Any]:
    info = replicas.info
    return {
        "replicas": [replica.state() for replica in replicas.current.values()],
        "info": {key: info.get(key) for key in INFO},
    }


def _registry(snapshot: Snapshot, settings: Settings) -> dict[str, Any]:
    now = time.time()
    return {
        "champion": _version(snapshot.champion),
        "challenger": _version(snapshot.challenger),
        "last_run_failed": has_last_run_failed(snapshot, settings.training_timeout),
        "candidate_waiting": is_candidate_waiting(snapshot),
        "serving_run": snapshot.champion_run and snapshot.champion_run.run_id,
        "plots": [name for name in PLOTS if name in snapshot.plots],
        "runs": [
            {**_run(run), "overdue": run.is_overdue(settings.training_timeout, now)} for run in snapshot.runs
        ],
        "quality": _quality(snapshot),
        "releases": snapshot.releases,
        "decisions": snapshot.decisions,
    }


def _version(version: Version | None) -> dict[str, Any] | None:
    if version is None:
        return None
    tags = {key: version.tags[key] for key in VERSION_TAGS if key in version.tags}
    return {"version": version.number, "run_id": version.run_id, "created": version.created, "tags": tags}


def _run(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "experiment_id": run.experiment_id,
        "name": run.name,
        "status": run.status,
        "started": run.started,
        "ended": run.ended,
        "metrics": {key: run.metrics.get(key) for key in ("macro_f1", "accuracy")},
        "classifier": run.parameters.get("classifier"),
        "tags": {key: run.tags[key] for key in RUN_TAGS if key in run.tags},
        "description": nodes(run.tags.get(DESCRIPTION, "")),
    }


def _quality(snapshot: Snapshot) -> dict[str, Any] | None:
    """The counts of the newest finished run's quality report; None without a report."""
    report = snapshot.quality
    if not report or snapshot.finished is None:
        return None
    labels = report.get("labels") or {}
    return {
        "run_id": snapshot.finished.run_id,
        "traces": report.get("traces"),
        "dead": (report.get("dead") or {}).get("count"),
        "nonfinite": (report.get("nonfinite") or {}).get("count"),
        "labelled": labels.get("labelled"),
        "counts": labels.get("counts"),
    }
