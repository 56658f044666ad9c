"""TRAINER_SETTINGS as a trainer declares them: once, as the fields of a class.

A deployment checks `trainer.settings` of a stack by `settings.schema.json` beside the trainer's package,
before anything is made. `python -m kit.contract.own_settings MODULE:CLASS` writes that file from the class.
"""

import argparse
import importlib
import json
import sys
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from kit.contract.environment import optional
from kit.contract.variables import TRAINER_SETTINGS


def own_settings(declared: type["OwnSettings"]) -> Any:
    """The field of a process's settings that reads TRAINER_SETTINGS as a trainer declares them."""
    return optional(TRAINER_SETTINGS, declared.parse, factory=declared)


class OwnSettings(BaseModel):
    """The settings of one trainer. Each field has a default and a description, and is read by its own name.

    Attributes
    ----------
    title, about : the title and the description of the schema.
    example : settings in JSON, for the message about a text that is no JSON object.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, frozen=True, allow_inf_nan=False
    )
    title: ClassVar[str] = "trainer.settings"
    about: ClassVar[str] = ""
    example: ClassVar[str] = "{}"

    @property
    def given(self) -> dict[str, Any]:
        """The given settings, by name."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the variable's text.

        ValueError has every problem, one a line, with the setting's name first.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ValueError("\n".join(cls._problem(one) for one in error.errors())) from None

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The settings' JSON Schema (draft 2020-12)."""
        schema = cls.model_json_schema(by_alias=True, ref_template="{model}")
        shared = schema.pop("$defs", {})
        for name, one in schema["properties"].items():
            # Write shared parts out, because people read the file too.
            one |= shared.get(one.pop("$ref", None), {})
            one.pop("title", None)
            # A default is no keyword: a program that checks with the schema would fill it in, and it would
            # count as given.
            if (default := one.pop("default")) is not None:
                one["description"] += f"; {json.dumps(default)} if not given"
            schema["properties"][name] = dict(sorted(one.items()))
        schema["title"] = cls.title
        schema["description"] = cls.about
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}

    @classmethod
    def _problem(cls, error: Any) -> str:
        """One of pydantic's errors in this package's words."""
        where, given = ".".join(str(part) for part in error["loc"]), error["input"]
        match error["type"]:
            case "extra_forbidden":
                names = ", ".join(to_camel(name) for name in cls.model_fields)
                return f"{where}: no such setting; there are {names}"
            case "json_invalid" | "model_type":
                return f"expected a JSON object such as {cls.example}"
            case "value_error":
                return str(error["ctx"]["error"])
            case _:
                shown = (
                    json.dumps(given) if isinstance(given, str | int | float | bool | None) else "no scalar"
                )
                return f"{where}: got {shown}; expected {error['msg'].removeprefix('Input should be ')}"


def main(arguments: list[str]) -> None:
    """Write the schema of a class to standard output."""
    parser = argparse.ArgumentParser(prog="python -m kit.contract.own_settings", description=main.__doc__)
    parser.add_argument("settings", help="the class, as MODULE:CLASS")
    module, _, name = parser.parse_args(arguments).settings.partition(":")
    json.dump(getattr(importlib.import_module(module), name).json_schema(), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
