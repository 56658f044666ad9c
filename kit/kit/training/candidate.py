"""Takes up a candidate that retraining has trained and judged, so that it is served without another training.

A candidate is taken up only if nothing would come out differently: the same image, data, seed, search and
settings, and the same gate against the same champion. All of this is in one hash, the recipe, which the
version has as a tag.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlflow.entities import RunData
from mlflow.entities.model_registry import ModelVersion

from kit.contract.protocol import progress
from kit.judging.gate import REASONS_TAG, REFUSED, STATE_TAG
from kit.registry.names import JUDGED_RUN, RECIPE, REPRODUCED, RESULT, TRIGGER
from kit.registry.runs import Registry
from kit.registry.versions import Champion
from kit.training.settings import Settings

log = logging.getLogger("train")

# What decides the model and the verdict, besides the data and the champion.
DECIDING = (
    "image", "git_commit", "seed", "trials", "time_budget", "hyperparameters", "trainer_settings", "gate",
    "gate_uncompared", "environment",
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A judged version, the hash of its files, and the run that judged it: its id, data and result line."""

    version: ModelVersion
    files_sha256: str
    run_id: str
    judged: RunData
    result: Mapping[str, Any]


def recipe_of(settings: Settings, data_sha256: str, champion: Champion | None) -> str:
    """The hash of everything that decides a run's model and its verdict; empty if the image does not decide.

    A mounted or uncommitted source may be another than the image's.
    """
    if not settings.image or settings.git_dirty:
        return ""
    deciding = [repr(getattr(settings, name)) for name in DECIDING]
    compared = None if champion is None else [champion.version, champion.sha256]
    text = json.dumps([deciding, data_sha256, compared])
    return hashlib.sha256(text.encode()).hexdigest()


def find_candidate(registry: Registry, settings: Settings, data_sha256: str) -> Candidate | None:
    """The challenger, if retraining has judged it as this run would, and the gate did not refuse it.

    Retraining itself takes up nothing, because somebody asked for a training.

    Raises
    ------
    connection.Unreachable
    """
    if settings.run_trigger:
        return None
    versions = registry.versions
    version = versions.challenger()
    if version is None or not version.tags.get(RECIPE):
        return None
    if version.tags[RECIPE] != recipe_of(settings, data_sha256, versions.champion()):
        return None
    run_id = version.tags.get(JUDGED_RUN, "")
    run = registry.run(run_id) if run_id else None
    if run is None or not run.data.tags.get(TRIGGER) or run.data.tags.get(STATE_TAG, REFUSED) == REFUSED:
        return None
    told = registry.artifact(run_id, RESULT)
    result = _read(told) if told is not None else None
    found = versions.find_reproduced(result["sha256"]) if result else None
    # Another version with this hash may be the champion, which a training would reproduce.
    if found is None or str(found[0].version) != str(version.version):
        return None
    return Candidate(version, found[1], run_id, run.data, result)


def take_up(candidate: Candidate, registry: Registry, tags: Mapping[str, str]) -> dict[str, Any]:
    """Publish the run as one that reproduces the candidate, with the figures of the run that judged it.

    Returns
    -------
    the result line

    Raises
    ------
    connection.Unreachable, contract.Superseded
    """
    version, number = candidate.version, str(candidate.version.version)
    log.info(
        "version %s was trained and judged by run %s with the same image, data, settings and gate: "
        "nothing is trained again",
        number, candidate.run_id,
    )  # fmt: skip
    progress("registering", 0, 1, f"version {number}, as judged")
    judged = candidate.judged
    verdict = {name: judged.tags.get(name, "") for name in (STATE_TAG, REASONS_TAG)}
    registry.log_figures(judged.params, judged.metrics, {**tags, **verdict, REPRODUCED: number})
    registry.check_fence()
    alias = registry.versions.challenge(version)
    registry.end("FINISHED")
    progress("registering", 1, 1, f"version {number}")
    return {
        **candidate.result,
        "filesSha256": candidate.files_sha256,
        "attemptRunId": registry.run_id,
        "experimentId": registry.experiment_id,
        "alias": alias,
        "reproduced": True,
        "takenUp": True,
    }


def _read(content: bytes) -> dict[str, Any] | None:
    try:
        result = json.loads(content)
    except ValueError:
        return None
    return result if isinstance(result, dict) and isinstance(result.get("sha256"), str) else None
