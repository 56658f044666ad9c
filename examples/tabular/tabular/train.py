"""`python -m tabular.train`: one training run, from environment variables to one line of JSON."""

import json
import logging
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from tabular import contract
from tabular.contract import Failure


def main(environment: Mapping[str, str]) -> tuple[int, dict[str, Any] | None]:
    """Run once, and return the exit code and, if there is one, the result."""
    # Process 1 ignores SIGTERM without a handler, so set it before the slow imports.
    signal.signal(signal.SIGTERM, _terminate)
    logging.basicConfig(stream=sys.stderr, level="WARNING", format="%(levelname)s %(name)s: %(message)s")
    from tabular import run
    from tabular.registry import is_unreachable

    attempts: list[run.Registry] = []
    try:
        return contract.OK, run.run(environment, attempts)
    except Failure as error:
        print(error, file=sys.stderr)
        _end(attempts, "FAILED" if error.code == contract.DATA else "KILLED", error)
        return error.code, None
    except Exception as error:
        if is_unreachable(error):
            print(f"MLFLOW_TRACKING_URI: no answer ({error}); see whether MLflow is up", file=sys.stderr)
            return contract.UNREACHABLE, None
        logging.exception("training failed")
        _end(attempts, "FAILED", error)
        return contract.DEFECT, None


def _terminate(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not interrupt the end
    raise Failure(contract.TERMINATED, "ended by SIGTERM")


def _end(attempts: list, status: str, error: BaseException) -> None:
    """End the run if MLflow answers at once. Nothing depends on it."""
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    for attempt in attempts:
        try:
            attempt.end(status, f"**Nothing was registered.**\n\n```\n{error}\n```")
        except Exception as problem:
            logging.warning("the run stays marked as running: %s", problem)


if __name__ == "__main__":
    with contract.claim_standard_output() as output:
        exit_code, line = main(os.environ)
        if line is not None:
            print(json.dumps(line, allow_nan=False), file=output)
    sys.exit(exit_code)
