"""`python -m seismic.train`: one training run, from environment variables to one line of JSON.

The contract is in docs/trainer-contract.md; the work itself is in `seismic.training`.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import TextIO

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
    contract.start_logging("INFO")
    began = time.monotonic()
    try:
        settings = contract.Settings.from_environment(environment)
    except contract.ConfigurationError as error:
        log.error("the configuration is wrong:\n%s", error)
        return contract.BAD_CONFIGURATION
    contract.start_logging(settings.log_level)
    signal.signal(signal.SIGTERM, _terminate)

    # Only now, for they take seconds to import, and MLflow reads its variables while it is.
    os.environ.update(QUIET_MLFLOW)
    from seismic import publishing, training
    from seismic.connection import Unreachable
    from seismic.registry import Registry
    from seismic.survey import SurveyError

    registry = Registry(settings)
    try:
        registry.start(publishing.run_tags(settings))
        survey, quality = training.read(settings)
        trained = training.fit(survey, settings)
        result = publishing.publish(trained, survey, quality, settings, registry)
    except SurveyError as error:
        _end(registry, "FAILED")
        print(error, file=sys.stderr)
        return contract.BAD_DATA
    except Unreachable as error:
        # The run is not ended: it would take as long again to learn that nobody answers.
        log.error("%s", error)
        return contract.MLFLOW_UNREACHABLE
    except contract.Superseded as error:
        _end(registry, "KILLED")
        log.error("%s", error)
        return contract.SUPERSEDED
    except contract.Terminated:
        _end(registry, "KILLED")
        log.error("ended by SIGTERM after %.0f s; nothing was registered", time.monotonic() - began)
        return contract.TERMINATED
    except Exception:
        _end(registry, "FAILED")
        log.exception("training failed")
        return contract.FAILED
    log.info("done in %.0f s", time.monotonic() - began)
    contract.write_result(output, result)
    return contract.OK


def _terminate(number: int, frame: object) -> None:
    # A second signal must not interrupt the orderly end.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise contract.Terminated


def _end(registry, status: str) -> None:
    """End the MLflow run if MLflow answers at once; what went wrong before matters more."""
    try:
        registry.end(status)
    except Exception as error:
        log.warning("the MLflow run stays marked as running: %s", error)


if __name__ == "__main__":
    with contract.claim_standard_output() as standard_output:
        sys.exit(main(os.environ, standard_output))
