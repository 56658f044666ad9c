"""What platform and trainer agree on, for the tests of trainers: trainer.schema.json, and checks by it.

The trainers' images have no package for JSON Schema. So this module checks the keywords that the schema uses,
and raises for every other keyword.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DEFINITIONS: Mapping[str, Any] = json.loads(Path(__file__).with_name("trainer.schema.json").read_text())[
    "$defs"
]
# Keywords that allow every value.
ANNOTATIONS = {
    "title", "description", "default", "computedDefault", "left", "of", "labels", "contentMediaType",
    "contentSchema",
}  # fmt: skip
TYPES: Mapping[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
    "null": type(None),
}  # fmt: skip
REFERENCE = "#/$defs/"


def constant(definition: str) -> Any:
    """The only value of a definition, such as the alias `champion`."""
    return DEFINITIONS[definition]["const"]


def constants(definition: str) -> list[Any]:
    """The values of a definition that has several, in order."""
    found = DEFINITIONS[definition]
    return found["enum"] if "enum" in found else [each["const"] for each in found["oneOf"]]


def exit_codes() -> dict[str, int]:
    """The exit codes, by their titles."""
    return {each["title"]: each["const"] for each in DEFINITIONS["exitCode"]["oneOf"]}


def exit_codes_of(names: Mapping[str, int]) -> dict[str, int]:
    """The exit codes of a trainer, by the contract's titles, from the trainer's own constants.

    `names` is the namespace of its module, with OK, DEFECT, CONFIGURATION, DATA, UNREACHABLE, SUPERSEDED and
    TERMINATED.
    """
    return {
        "done": names["OK"],
        "defect": names["DEFECT"],
        "wrong configuration": names["CONFIGURATION"],
        "wrong data": names["DATA"],
        "MLflow unreachable": names["UNREACHABLE"],
        "superseded": names["SUPERSEDED"],
        "SIGTERM": names["TERMINATED"],
    }


def properties(*path: str) -> Mapping[str, Any]:
    """The properties of a definition, or of a property within it."""
    found = DEFINITIONS[path[0]]
    for name in path[1:]:
        found = found["properties"][name]
    return found["properties"]


def needed(definition: str) -> set[str]:
    """The properties that must be given."""
    return set(DEFINITIONS[definition].get("required", ()))


def defaults(definition: str) -> dict[str, str]:
    """The defaults of variables, as texts; empty for a variable that has no value by default."""
    return {name: each["default"] for name, each in properties(definition).items() if "default" in each}


def metrics(of: str) -> set[str]:
    """The names of the metrics that the platform asks a process for, such as `serving`."""
    return {name for name, each in properties("metricNames").items() if each["of"] == of}


def problems(value: Any, definition: str) -> list[str]:
    """Where a value is not as the definition says, path first; empty if it is."""
    return list(_problems(value, DEFINITIONS[definition], definition))


def _problems(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    for keyword, wanted in schema.items():
        match keyword:
            case _ if keyword in ANNOTATIONS:
                pass
            case "$ref":
                yield from _problems(value, DEFINITIONS[wanted.removeprefix(REFERENCE)], path)
            case "oneOf":
                if sum(not list(_problems(value, each, path)) for each in wanted) != 1:
                    yield f"{path}: got {value!r}; allowed: {[each['const'] for each in wanted]}"
            case "properties" | "required" | "additionalProperties":
                if isinstance(value, dict):
                    yield from _member_problems(value, keyword, schema, path)
            case "items":
                for index, each in enumerate(value if isinstance(value, list) else ()):
                    yield from _problems(each, wanted, f"{path}[{index}]")
            case _ if not _holds(value, keyword, wanted):
                yield f"{path}: got {value!r}; {keyword}: {wanted}"


def _member_problems(
    value: Mapping[str, Any], keyword: str, schema: Mapping[str, Any], path: str
) -> Iterator[str]:
    known, wanted = schema.get("properties", {}), schema[keyword]
    if keyword == "required":
        yield from (f"{path}.{name}: missing" for name in wanted if name not in value)
    elif keyword == "properties":
        for name in known.keys() & value.keys():
            yield from _problems(value[name], known[name], f"{path}.{name}")
    else:
        for name in value.keys() - known.keys():
            if wanted is False:
                yield f"{path}.{name}: unknown; allowed: {', '.join(known)}"
            else:
                yield from _problems(value[name], wanted, f"{path}.{name}")


def _holds(value: Any, keyword: str, wanted: Any) -> bool:
    is_number = _is_of(value, "number")
    match keyword:
        case "type":
            return any(_is_of(value, each) for each in ([wanted] if isinstance(wanted, str) else wanted))
        case "const" | "enum":
            # In Python, True equals 1.
            allowed = wanted if keyword == "enum" else [wanted]
            return (type(value), value) in [(type(each), each) for each in allowed]
        case "pattern":
            return not isinstance(value, str) or re.search(wanted, value) is not None
        case "minLength":
            return not isinstance(value, str) or len(value) >= wanted
        case "minimum":
            return not is_number or value >= wanted
        case "maximum":
            return not is_number or value <= wanted
    raise ValueError(f"{keyword}: this module does not check it; add it")


def _is_of(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (not isinstance(value, bool) or kind == "boolean")
