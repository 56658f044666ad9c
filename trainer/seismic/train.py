"""`python -m seismic.train`: one training run, from environment variables to one line of JSON.

The contract is in docs/trainer-contract.md; the work itself is in `seismic.training`.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

from seismic import contract

log = logging.getLogger("train")

# MLflow reads these when it is imported: no usage reports to the internet, no links, no bars.
QUIET_MLFLOW = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
    "GIT_PYTHON_REFRESH": "quiet",  # there is no git in the image
}


def main(environment: Mapping[str, str], output: TextIO) -> int:
    """Run once; write the result to `output` and return the exit code."""
    # Before the imports, which take seconds: as process 1 of a container we would not hear of it.
    signal.signal(signal.SIGTERM, _terminate)
    contract.start_logging("INFO")
    runs: list = []
    began = time.monotonic()
    try:
        settings = contract.Settings.from_environment(environment)
        contract.start_logging(settings.log_level)
        code = _train(settings, output, runs)
    except contract.ConfigurationError as error:
        log.error("the configuration is wrong:\n%s", error)
        return contract.BAD_CONFIGURATION
    except contract.Terminated:
        _end(runs, "KILLED")
        log.error("ended by SIGTERM after %.0f s", time.monotonic() - began)
        return contract.TERMINATED
    if code == contract.OK:
        log.info("done in %.0f s", time.monotonic() - began)
    return code


def _train(settings: contract.Settings, output: TextIO, runs: list) -> int:
    # Only now, for they take seconds to import, and MLflow reads its variables while it is.
    os.environ.update(QUIET_MLFLOW)
    from seismic.connection import Unreachable
    from seismic.survey import SurveyError

    try:
        result = _learn_and_register(settings, runs) if settings.register else _learn(settings)
    except SurveyError as error:
        _end(runs, "FAILED")
        log.error("the data cannot be trained on")
        print(error, file=sys.stderr)
        return contract.BAD_DATA
    except Unreachable as error:
        # The run is not ended: it would take as long again to learn that nobody answers.
        log.error("%s", error)
        return contract.MLFLOW_UNREACHABLE
    except contract.Superseded as error:
        _end(runs, "KILLED")
        log.error("%s", error)
        return contract.SUPERSEDED
    except Exception:
        _end(runs, "FAILED")
        log.exception("training failed")
        return contract.FAILED
    contract.write_result(output, result)
    return contract.OK


def _learn(settings: contract.Settings) -> dict[str, Any]:
    from seismic import training

    survey, _ = training.read(settings)
    trained = training.fit(survey, training.split(survey, settings), settings)
    return {**trained.as_result(survey), "registered": False}


def _learn_and_register(settings: contract.Settings, runs: list) -> dict[str, Any]:
    from seismic import publishing, training
    from seismic.comparison import Comparison
    from seismic.registry import Registry

    registry = Registry(settings)
    runs.append(registry)
    registry.start(publishing.run_tags(settings))
    survey, quality = training.read(settings)
    with Comparison(settings, registry.versions) as comparison:
        split = training.split(survey, settings)
        comparison.start(survey, split)
        trained = training.fit(survey, split, settings)
        verdict = comparison.verdict(trained)
    return publishing.publish(trained, survey, quality, verdict, settings, registry)


def _terminate(number: int, frame: object) -> None:
    # A second signal must not interrupt the orderly end.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise contract.Terminated


def _end(runs: list, status: str) -> None:
    """End the MLflow run, if there is one, when MLflow answers at once: what went wrong matters more."""
    for registry in runs:
        try:
            registry.end(status)
        except Exception as error:
            log.warning("the MLflow run stays marked as running: %s", error)


if __name__ == "__main__":
    with contract.claim_standard_output() as standard_output:
        sys.exit(main(os.environ, standard_output))
