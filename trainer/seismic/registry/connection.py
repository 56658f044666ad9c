"""How the trainer talks to MLflow: quietly, with bounded retries, and with one error when it is gone."""

import contextlib
import logging
import os
import time
import warnings
from collections.abc import Iterator

import requests
import urllib3.exceptions
from mlflow.exceptions import MlflowException

MOST_RETRIES = 5
LEAST_TIMEOUT = 5.0  # a healthy server on a busy machine may need seconds for one upload

_NO_ANSWER = (
    requests.exceptions.ConnectionError,
    requests.exceptions.Timeout,
    requests.exceptions.RetryError,
    urllib3.exceptions.HTTPError,
    ConnectionError,
)


class Unreachable(Exception):
    """MLflow does not answer; the message says where, while doing what, and for how long it was tried."""


def bound_retries(seconds: float) -> None:
    """Make MLflow's client give up after about `seconds` of a refused connection.

    A server that accepts and then hangs is given up after at most twice as long, since each attempt
    waits for its own time limit (5 s at least).
    """
    # urllib3 waits nothing before the first retry, then factor * 2, 4, 8, ...: factor * (2^retries - 2)
    # in all. MLflow takes whole factors and time limits only.
    retries = MOST_RETRIES
    while retries > 1 and 2**retries - 2 > seconds:
        retries -= 1
    factor = max(1, int(seconds // max(1, 2**retries - 2)))
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = str(retries)
    os.environ["MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR"] = str(factor)
    os.environ["MLFLOW_HTTP_REQUEST_BACKOFF_JITTER"] = "0"
    os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = str(round(max(LEAST_TIMEOUT, seconds / (retries + 1))))


def hurry() -> None:
    """One short attempt for each request from now on: the process is being ended."""
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = "3"


@contextlib.contextmanager
def speaking(address: str, what: str) -> Iterator[None]:
    """Turn "no answer", however deep in MLflow it arose, into `Unreachable`; hush MLflow's chatter."""
    began = time.monotonic()
    try:
        # MLflow announces runs and versions with print() and warns of stages being deprecated.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", UserWarning)
            yield
    except Exception as error:
        reason = _no_answer(error)
        if reason is None:
            raise
        raise Unreachable(
            f"MLFLOW_TRACKING_URI: {address} did not answer while {what}; tried for "
            f"{time.monotonic() - began:.0f} s ({reason}); see whether MLflow is up and its name resolves, "
            "then run again"
        ) from error


def quiet_mlflow() -> None:
    """Leave MLflow's own logger with errors only."""
    logging.getLogger("mlflow").setLevel(logging.ERROR)


def is_missing(error: MlflowException) -> bool:
    """Whether MLflow answered that there is no such thing."""
    return error.error_code in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND", "ENDPOINT_NOT_FOUND")


def _no_answer(error: BaseException) -> str | None:
    """The innermost reason when the cause is a server that does not answer, else None."""
    seen: set[int] = set()
    found = None
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, _NO_ANSWER):
            found = cause
        cause = cause.__cause__ or cause.__context__
    if found is None:
        return None
    return type(found).__name__ if not str(found) else f"{type(found).__name__}: {str(found)[:160]}"
