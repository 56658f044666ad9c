"""The connection to MLflow: quiet, with bounded retries, and with one error when MLflow does not answer."""

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
    """MLflow does not answer. The message has the address, the action and the time of the attempts."""


def bound_retries(seconds: float) -> None:
    """Make MLflow's client give up after about `seconds` of refused connections.

    If a server accepts and then hangs, the client gives up after at most twice as long, because each attempt
    waits for its own time limit (at least 5 s).
    """
    # urllib3 does not wait before the first retry, and then waits factor * 2, 4, 8, ...: together factor *
    # (2^retries - 2). MLflow accepts only whole factors and time limits.
    retries = MOST_RETRIES
    while retries > 1 and 2**retries - 2 > seconds:
        retries -= 1
    factor = max(1, int(seconds // max(1, 2**retries - 2)))
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = str(retries)
    os.environ["MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR"] = str(factor)
    os.environ["MLFLOW_HTTP_REQUEST_BACKOFF_JITTER"] = "0"
    os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = str(round(max(LEAST_TIMEOUT, seconds / (retries + 1))))


def hurry() -> None:
    """From now on, make only one short attempt for each request, because the process is about to end."""
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = "3"


@contextlib.contextmanager
def speaking(address: str, what: str) -> Iterator[None]:
    """Turn "no answer", however deep inside MLflow, into `Unreachable`. Silence MLflow's messages."""
    began = time.monotonic()
    try:
        # MLflow announces runs and versions with print(), and warns about the deprecated stages.
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
    """Let MLflow's own logger write only errors."""
    logging.getLogger("mlflow").setLevel(logging.ERROR)


def is_missing(error: MlflowException) -> bool:
    """Whether MLflow answered that the thing does not exist."""
    return error.error_code in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND", "ENDPOINT_NOT_FOUND")


def _no_answer(error: BaseException) -> str | None:
    """The innermost reason if the cause is a server that does not answer, otherwise None."""
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
