"""What can go wrong: at start (an exit code) and in a request (a status and a JSON body)."""

from collections.abc import Mapping

import orjson


class StartupError(Exception):
    """The service must not start; `exit_code` says why to whatever started it."""

    exit_code = 1


class ModelRefused(StartupError):
    """The model version is missing, does not load, is not the one asked for, or does not predict."""

    exit_code = 3


class RegistryUnreachable(StartupError):
    """MLflow did not answer in time."""

    exit_code = 4


class RequestError(Exception):
    """A request that is answered with a status of 400 or more and a body that names the field at fault.

    Parameters
    ----------
    status : HTTP status code.
    kind : a word for the metric `seismic_request_errors_total` and for programs.
    field : what is wrong: a JSON path such as `traces[17][3]`, a header, or `body`.
    message : what was expected, and what was found.
    quality : of the metric `seismic_input_traces_total`, how many traces are at fault, if it is amplitudes.
    """

    def __init__(
        self, status: int, kind: str, field: str, message: str, quality: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(f"{field}: {message}")
        self.status = status
        self.kind = kind
        self.field = field
        self.message = message
        self.quality = quality or {}

    def body(self) -> bytes:
        """The JSON body of the answer."""
        return orjson.dumps({"error": {"kind": self.kind, "field": self.field, "message": self.message}})
