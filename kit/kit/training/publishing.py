"""Writes a training run to MLflow: its run, its artifacts, and a registered version."""

import datetime
import json
import logging
import tempfile
from pathlib import Path
from typing import Any

from mlflow.entities.model_registry import ModelVersion
from threadpoolctl import threadpool_limits

from kit.contract.protocol import progress
from kit.registry import runs
from kit.registry.names import (
    JUDGED_RUN,
    RECIPE,
    REPRODUCED,
    RESULT,
)
from kit.reports.card import describe
from kit.training.artifacts.card import card_of
from kit.training.artifacts.expectations import write_expectations
from kit.training.artifacts.reports import write_held_out, write_plots, write_reference, write_reports
from kit.training.candidate import recipe_of
from kit.training.run import Run

log = logging.getLogger("train")


def publish(run: Run, registry: runs.Registry) -> dict[str, Any]:
    """Log the run. Register the model, unless a version with its hash is registered already.

    The version becomes the challenger, whatever the gate's verdict is. The deployment makes it the champion.

    Returns
    -------
    the result line, see docs/trainer-contract.md

    Raises
    ------
    connection.Unreachable, contract.Superseded
    """
    trained, data, learner, verdict = run.trained, run.data, run.learner, run.verdict
    progress("registering", 0, 3, "figures")
    recipe = recipe_of(run.settings, data.sha256, run.champion)
    judged = {**verdict.as_tags(), RECIPE: recipe, JUDGED_RUN: registry.run_id}
    cut_short = {"tuning_cut_short": str(trained.tuned.cut_short).lower()}
    registry.log_figures(run.parameters, run.metrics, {**run.tags, **judged, **cut_short})
    versions = registry.versions
    version, files_sha256 = versions.find_reproduced(trained.sha256) or (None, "")
    reproduced = version is not None
    # Threads of many small predictions would wait for each other by spinning, for minutes on a busy machine.
    with tempfile.TemporaryDirectory() as name, threadpool_limits(1):
        folder = Path(name)
        write_reports(trained, data, learner, folder)
        if not reproduced:
            # The same model has the same figures. They are with the run that registered it.
            write_plots(trained, data, learner, folder)
            write_expectations(trained, data, learner, folder)
            write_reference(trained, folder)
            write_held_out(trained, folder)
        registry.log_folder(folder)
        if version is not None and (path := write_reference(trained, folder)):
            registry.complete(version.run_id, path)

    progress("registering", 1, 3, "model")
    if version is not None:
        registry.check_fence()
        registry.log_figures({}, {}, {REPRODUCED: str(version.version)})
        log.info("%s reproduces version %s: nothing new is registered", trained.sha256[:12], version.version)
    else:
        model = registry.upload(trained.pipeline, data.rows(trained.split.hold_out[:1]))
        files_sha256 = registry.files_sha256(model, trained.sha256)
        registry.check_fence()
        version = versions.create(model, registry.run_id, run.tags)
        log.info("%s is registered as version %s", trained.sha256[:12], version.version)
        versions.describe(version, describe(card_of(run)))
    progress("registering", 2, 3, "gate and alias")
    result = {
        **trained.as_result(data),
        **_registered(version, registry),
        "filesSha256": files_sha256,
        "alias": "",
        "reproduced": reproduced,
        "gate": verdict.as_result(),
    }
    registry.log_text(RESULT, json.dumps(result) + "\n")
    versions.tag(version, judged)
    result["alias"] = versions.challenge(version)
    registry.end("FINISHED")
    progress("registering", 3, 3, f"version {version.version}")
    return result


def _registered(version: ModelVersion, registry: runs.Registry) -> dict[str, str]:
    created = datetime.datetime.fromtimestamp(version.creation_timestamp / 1000, datetime.UTC)
    return {
        "version": str(version.version),
        "runId": version.run_id,
        "attemptRunId": registry.run_id,
        "experimentId": registry.experiment_id,
        "trainedAt": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
