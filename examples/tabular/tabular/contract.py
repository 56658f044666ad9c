"""The parts of the contract that training and serving share: variables, exit codes, progress, the result."""

import json
import os
import sys
from collections.abc import Mapping
from typing import Annotated, Literal, Self, TextIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

OK, DEFECT, CONFIGURATION, DATA, UNREACHABLE, SUPERSEDED, TERMINATED = 0, 1, 2, 3, 4, 5, 128 + 15

Address = Annotated[str, Field(pattern=r"^https?://\S+$")]
Boolean = Literal["true", "false"]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Failure(BaseException):
    """Ends the program with an exit code. SIGTERM raises it too, so it is no Exception, which a library might
    catch.
    """

    def __init__(self, code: int, message: str):
        super().__init__(message)
        self.code = code


class Settings(BaseModel):
    """Variables with the names of its fields, in upper case. docs/trainer-contract.md describes them."""

    # model_name is a variable of the contract. pydantic would reserve the prefix for its methods.
    model_config = ConfigDict(frozen=True, protected_namespaces=())

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables. An empty one counts as not given. Raises Failure with every problem, one a
        line.
        """
        given = {name.lower(): text.strip() for name, text in environment.items() if text.strip()}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            lines = []
            for each in error.errors():
                name, *path = map(str, each["loc"])
                got = "not given" if each["type"] == "missing" else f"got {each['input']!r}"
                lines.append(f"{'.'.join([name.upper(), *path])}: {got}; {each['msg']}")
            raise Failure(CONFIGURATION, "\n".join(lines)) from error


def progress(stage: str, done: int, total: int, note: str = "") -> None:
    """Write the progress of a stage to standard error."""
    line = json.dumps({"stage": stage, "done": done, "total": total, "note": note})
    print(f"progress {line}", file=sys.stderr, flush=True)


def claim_standard_output() -> TextIO:
    """Keep standard output for the result. All other output, also that of C libraries, goes to standard
    error.
    """
    result = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return result
