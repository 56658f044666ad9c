"""The page's content, as one JSON object that the page asks for every few seconds."""

import time
from typing import Any

from kit.judging.gate import REASONS_TAG, STATE_TAG
from kit.plots.style import colours
from kit.registry.names import COMMIT, DESCRIPTION, HASH_TAG, RELEASE, REPRODUCED, SUPERSEDED_BY, TRIGGER
from kit.status.markdown import nodes
from kit.status.metrics import is_candidate_waiting
from kit.status.page.words import figures, title
from kit.status.plots import shown
from kit.status.registry import Registry, Run, Snapshot, Version, has_last_run_failed
from kit.status.replicas import Replicas
from kit.status.settings import Settings
from kit.status.sources import Source
from kit.status.view import View

# Parts of /model_info. A view may need more of them.
INFO = ("version", "sha256", "classifier", "regressor", "trained_at", "metrics", "classes")
RUN_TAGS = (STATE_TAG, REASONS_TAG, SUPERSEDED_BY, TRIGGER, REPRODUCED)
VERSION_TAGS = (HASH_TAG, STATE_TAG, REASONS_TAG, COMMIT, RELEASE)
# The report of a run may hold anything. The page shows so many kinds of rows, and so many classes.
MOST_KINDS = 12


def page_data(
    settings: Settings, sources: list[Source], replicas: Replicas, registry: Registry, view: View | None
) -> dict[str, Any]:
    """Everything that the page shows, except plots and the trainer's part. Times are seconds since 1970."""
    snapshot = registry.snapshot
    return {
        "now": time.time(),
        "sources": [source.state() for source in sources],
        "drift_threshold": settings.drift_threshold,
        "serving": _serving(replicas, view),
        "traffic": replicas.traffic.view(),
        "registry": None if snapshot is None else _registry(snapshot, settings),
    }


def _serving(replicas: Replicas, view: View | None) -> dict[str, Any]:
    info = replicas.info
    names = INFO if view is None else dict.fromkeys((*INFO, *view.facts))
    metrics, classes = info.get("metrics"), info.get("classes")
    known = sorted(map(str, classes)) if isinstance(classes, list) else []
    return {
        "replicas": [replica.state() for replica in replicas.current.values()],
        "info": {key: info.get(key) for key in names},
        "figures": figures(metrics) if isinstance(metrics, dict) else [],
        "colours": colours(known, view and view.colours),
    }


def _registry(snapshot: Snapshot, settings: Settings) -> dict[str, Any]:
    now = time.time()
    return {
        "champion": _version(snapshot.champion),
        "challenger": _version(snapshot.challenger),
        "last_run_failed": has_last_run_failed(snapshot, settings.training_timeout),
        "candidate_waiting": is_candidate_waiting(snapshot),
        "serving_run": snapshot.champion_run and snapshot.champion_run.run_id,
        "plots": [
            {"name": name, "title": title(name.removesuffix(".png"))} for name in shown(snapshot.artifacts)
        ],
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
        "figures": figures(run.metrics),
        "classifier": run.parameters.get("classifier"),
        "tags": {key: run.tags[key] for key in RUN_TAGS if key in run.tags},
        "description": nodes(run.tags.get(DESCRIPTION, "")),
    }


def _quality(snapshot: Snapshot) -> dict[str, Any] | None:
    """The counts of the newest finished run's quality report, as far as it has them; None without a report.

    `found` has rows of a kind by its name: the report's objects with a `count`.
    """
    report = snapshot.quality
    if not report or snapshot.finished is None:
        return None
    labels = report.get("labels")
    labels = labels if isinstance(labels, dict) else {}
    found = {name: part.get("count") for name, part in report.items() if isinstance(part, dict)}
    return {
        "run_id": snapshot.finished.run_id,
        "rows": _count(report.get("rows", report.get("traces"))),
        "found": _counts(found),
        "labelled": _count(labels.get("labelled")),
        "counts": _counts(labels.get("counts")),
    }


def _counts(given: Any) -> dict[str, int]:
    pairs = given.items() if isinstance(given, dict) else ()
    return dict([(name, count) for name, value in pairs if (count := _count(value)) is not None][:MOST_KINDS])


def _count(given: Any) -> int | None:
    return given if isinstance(given, int) and not isinstance(given, bool) else None
