"""Reads the settings of every process of the package, by dataclasses with fields that name variables.

    @dataclass(frozen=True, kw_only=True)
    class Settings(FromEnvironment):
        model_name: str = needed("MODEL_NAME", variables.model_name, "the registered model's name")
        port: int = optional("PORT", variables.port, 8000)

docs/decisions/0010-settings-from-variables.md says why this is not pydantic-settings.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Self

from kit.contract.protocol import ConfigurationError

_VARIABLE = "variable"


@dataclass(frozen=True)
class _Variable:
    name: str
    parse: Callable[[str], Any]
    # The meaning, for the message about a missing variable. Empty means that the variable may be left out.
    needed: str = ""


def needed(name: str, parse: Callable[[str], Any], what: str, default: Any = MISSING) -> Any:
    """A field with a variable that must be given.

    Parameters
    ----------
    parse : takes the variable's text, which is never empty. Raises ValueError
        (`kit.contract.variables`).
    what : the variable's meaning with an example, for the message about a missing variable.
    default : used only when `FromEnvironment.is_needed` lets the variable be left out.
    """
    return field(default=default, metadata={_VARIABLE: _Variable(name, parse, what)})


def optional(name: str, parse: Callable[[str], Any], default: Any = MISSING, factory: Any = MISSING) -> Any:
    """A field with a variable that may be left out. `factory` makes a default that is no constant."""
    return field(default=default, default_factory=factory, metadata={_VARIABLE: _Variable(name, parse)})


class FromEnvironment:
    """Settings from variables. Problems are reported in the order of the fields."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Parse strictly; an empty value counts as not given.

        Raises
        ------
        ConfigurationError
            with every problem in one message, one a line, variable name first.
        """
        values, problems = cls.read(environment)
        if problems:
            raise ConfigurationError("\n".join(problems))
        return cls(**values)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
        """The given values by field, and every problem."""
        values: dict[str, Any] = {}
        problems: list[str] = []
        for each in fields(cls):
            variable: _Variable | None = each.metadata.get(_VARIABLE)
            if variable is None:
                continue
            text = environment.get(variable.name, "").strip()
            if not text:
                if variable.needed and cls.is_needed(variable.name, values):
                    problems.append(f"{variable.name}: not given; {variable.needed}")
                continue
            try:
                values[each.name] = variable.parse(text)
            except ValueError as problem:
                problems += [f"{variable.name}: {line}" for line in str(problem).splitlines()]
        return values, [*problems, *cls.conflicts(values)]

    @classmethod
    def is_needed(cls, name: str, values: Mapping[str, Any]) -> bool:
        """Whether a variable must be given. `values` has the values of the fields before it."""
        return True

    @classmethod
    def conflicts(cls, values: Mapping[str, Any]) -> Iterable[str]:
        """Problems between values that are each valid alone. A problem begins with the variable's name."""
        return ()
