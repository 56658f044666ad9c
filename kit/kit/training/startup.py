"""`python -m PACKAGE.train`: one training run, from environment variables to one line of JSON.

docs/trainer-contract.md has the contract. `kit.training.fitting` has the work.
"""

import logging
import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

from kit.contract import protocol, termination

if TYPE_CHECKING:
    from kit.training.settings import Settings
    from kit.training.trainer import Trainer

log = logging.getLogger("train")

# The result line, and the data.
type Learnt = tuple[dict[str, Any], Any]

# MLflow reads these when it is imported. They turn off usage reports to the internet, links and progress
# bars, and they stop a model's files from saying how it is loaded.
QUIET_MLFLOW = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "GIT_PYTHON_REFRESH": "quiet",  # the image has no git
}


def start(trainer: "Trainer") -> None:
    """Train with this process's environment and standard output, and end it with the exit code."""
    termination.insist_on_sigterm()
    with protocol.claim_standard_output() as standard_output:
        sys.exit(main(trainer, os.environ, standard_output))


def main(trainer: "Trainer", environment: Mapping[str, str], output: TextIO) -> int:
    """Run once; write the result to `output` and return the exit code."""
    # Do this before the slow imports.
    termination.terminate_on_sigterm()
    protocol.start_logging("INFO")
    runs: list = []
    began = time.monotonic()
    try:
        settings = trainer.settings.from_environment(environment)
        protocol.start_logging(settings.log_level)
        code = _train(trainer, settings, output, runs, began)
    except protocol.ConfigurationError as error:
        log.error("the configuration is wrong:\n%s", error)
        return protocol.BAD_CONFIGURATION
    except protocol.Terminated:
        _end(runs, "KILLED")
        log.error("ended by SIGTERM after %.0f s", time.monotonic() - began)
        return protocol.TERMINATED
    if code == protocol.OK:
        log.info("done in %.0f s", time.monotonic() - began)
    return code


def _train(trainer: "Trainer", settings: "Settings", output: TextIO, runs: list, began: float) -> int:
    # Do this only now: the imports take seconds, and MLflow reads its variables during its import.
    os.environ.update(QUIET_MLFLOW)
    from kit.registry.connection import Unreachable
    from kit.training.checks import TrainerFault

    try:
        result, data = (_learn_and_register if settings.register else _learn)(trainer, settings, runs)
    except protocol.ConfigurationError as error:
        # Only the data told that the configuration does not fit. `main` gives the exit code.
        _end(runs, "FAILED", "The configuration does not fit the data.", str(error))
        raise
    except protocol.DataError as error:
        _end(runs, "FAILED", "The data cannot be trained on.", str(error))
        log.error("the data cannot be trained on")
        print(error, file=sys.stderr)
        return protocol.BAD_DATA
    except TrainerFault as error:
        _end(runs, "FAILED", "The trainer is not right.", str(error))
        log.error("%s", error)
        return protocol.FAILED
    except Unreachable as error:
        # Do not end the run. Nobody answers, and to find that out again would take as long.
        log.error("%s", error)
        return protocol.MLFLOW_UNREACHABLE
    except protocol.Superseded as error:
        _end(runs, "KILLED", "Superseded by a later attempt.", str(error))
        log.error("%s", error)
        return protocol.SUPERSEDED
    except Exception as error:
        _end(runs, "FAILED", "Training failed.", f"{type(error).__name__}: {error}")
        log.exception("training failed")
        return protocol.FAILED
    protocol.write_result(output, result)
    _describe(runs, settings, result, data, began)
    return protocol.OK


def _learn(trainer: "Trainer", settings: "Settings", _: list) -> Learnt:
    from kit.training import fitting

    learner = trainer.learner(settings)
    data = learner.read()
    trained = fitting.fit(data, fitting.split(data, learner, settings), learner, settings)
    return {**trained.as_result(data), "registered": False}, data


def _learn_and_register(trainer: "Trainer", settings: "Settings", runs: list) -> Learnt:
    from kit.registry.runs import Registry
    from kit.training import fitting, publishing
    from kit.training.candidate import find_candidate, take_up
    from kit.training.comparison import Comparison
    from kit.training.run import Run, run_tags

    registry = Registry(settings, trainer.code)
    runs.append(registry)
    registry.start(run_tags(settings, trainer.code.lock))
    learner = trainer.learner(settings)
    data = learner.read()
    if candidate := find_candidate(registry, settings, data.sha256):
        tags = run_tags(settings, trainer.code.lock, data.sha256)
        return take_up(candidate, registry, tags), data
    with Comparison(settings, registry.versions, learner, trainer.code) as comparison:
        split = fitting.split(data, learner, settings)
        comparison.start(data, split)
        trained = fitting.fit(data, split, learner, settings)
        verdict = comparison.verdict(trained)
    run = Run(settings, learner, data, trained, verdict, comparison.serving, trainer.code.lock)
    return publishing.publish(run, registry), data


def _describe(runs: list, settings: "Settings", result: Mapping[str, Any], data: Any, began: float) -> None:
    """Write the run's description. The result is printed already, and no failure here changes it."""
    try:
        from kit.summaries import summary

        while runs:
            summary.describe_run(runs.pop(), settings, result, data, time.monotonic() - began)
    except protocol.Terminated:
        log.warning("ended by SIGTERM while the run was described; its result stands")
    except Exception as error:
        log.warning("the run's description is not complete: %s", error)


def _end(runs: list, status: str, what: str = "", error: str = "") -> None:
    """End the MLflow run, if there is one and MLflow answers at once. The error before is more important."""
    for registry in runs:
        try:
            registry.end(status)
        except Exception as problem:
            log.warning("the MLflow run stays marked as running: %s", problem)
            continue
        if what:
            _describe_failure(registry, what, error)


def _describe_failure(registry: Any, what: str, error: str) -> None:
    from kit.summaries import summary

    try:
        summary.describe_failure(registry, what, error)
    except Exception as problem:
        log.warning("the MLflow run has no description: %s", problem)
