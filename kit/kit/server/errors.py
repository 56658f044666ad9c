"""Errors at the start (an exit code) and in a request (a status and a JSON body)."""

from collections.abc import Mapping

import orjson


class StartupError(Exception):
    """The service must not start. `exit_code` tells the reason to the program that started it."""

    exit_code = 1


class ModelRefused(StartupError):
    """The model version is missing, does not load, is not the requested one, or does not predict."""

    exit_code = 3


class RegistryUnreachable(StartupError):
    """MLflow did not answer in time."""

    exit_code = 4


class RequestError(Exception):
    """A request that gets a status of 400 or more, and a body that names the wrong field.

    Parameters
    ----------
    status : HTTP status code.
    kind : a word for the metric of wrong requests and for programs.
    field : the wrong part: a JSON path such as `rows[17][3]`, a header, or `body`.
    message : the expected and the found content.
    quality : for wrong numbers, how many rows have them, by the kind of fault, for the metric of inputs.
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
