"""The parameters that a trainer's search varies, with their ranges.

This module must stay light, because settings import it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class Range:
    """A numeric parameter: the searched range (low to high), and a fixed value's range (least to most)."""

    low: float
    high: float
    least: float
    most: float
    whole: bool = False
    log: bool = False

    def suggest(self, trial: "optuna.Trial", name: str) -> float:
        """Let Optuna choose a value."""
        suggest = trial.suggest_int if self.whole else trial.suggest_float
        return suggest(name, self.low, self.high, log=self.log)

    def check(self, name: str, value: Any) -> str | None:
        """The problem with a fixed value, or None."""
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, kinds) and not isinstance(value, bool) and self.least <= value <= self.most:
            return None
        what = "a whole number" if self.whole else "a number"
        return f"{name}: got {value!r}; expected {what} from {self.least} to {self.most}"


@dataclass(frozen=True)
class Choice:
    """A parameter with a few words as values."""

    words: tuple[str, ...]

    def suggest(self, trial: "optuna.Trial", name: str) -> str:
        """Let Optuna choose a value."""
        return trial.suggest_categorical(name, self.words)

    def check(self, name: str, value: Any) -> str | None:
        """The problem with a fixed value, or None."""
        return None if value in self.words else f"{name}: got {value!r}; allowed: {', '.join(self.words)}"


type Parameters = Mapping[str, Range | Choice]


@dataclass(frozen=True)
class Space:
    """The parameters of one kind of model, or of several kinds among which the search chooses.

    Parameters
    ----------
    kinds : the parameters by name, of each kind.
    starts : the settings that the search tries first.
    chooser : the name of the parameter that has the kind, such as `classifier`. Empty with one kind.
    """

    kinds: Mapping[str, Parameters]
    starts: tuple[Mapping[str, Any], ...] = ()
    chooser: str = ""

    @classmethod
    def of(cls, name: str, parameters: Parameters, *starts: Mapping[str, Any]) -> "Space":
        """The space of a single kind of model, with its name for logs and plots."""
        return cls({name: parameters}, starts)

    def kind_of(self, parameters: Mapping[str, Any]) -> str:
        """The kind of model that these parameters are of."""
        return parameters[self.chooser] if self.chooser else next(iter(self.kinds))

    def check(self, values: Mapping[str, Any]) -> None:
        """Check hyperparameters from the configuration.

        Raises
        ------
        ValueError
            with every problem; a problem begins with the name.
        """
        problems = []
        chosen = values.get(self.chooser) if self.chooser else None
        if chosen is not None and chosen not in self.kinds:
            problems.append(f"{self.chooser}: got {chosen!r}; allowed: {', '.join(self.kinds)}")
            chosen = None
        spaces = [self.kinds[chosen]] if chosen else list(self.kinds.values())
        known = {name: span for space in spaces for name, span in space.items()}
        for name, value in values.items():
            if self.chooser and name == self.chooser:
                continue
            if name not in known:
                of = f" of {chosen}" if chosen else f" of any {self.chooser}" if self.chooser else ""
                problems.append(f"{name}: no parameter{of}; allowed: {', '.join(known)}")
            elif problem := known[name].check(name, value):
                problems.append(problem)
        if problems:
            raise ValueError("; ".join(problems))

    def leaves_nothing(self, fixed: Mapping[str, Any]) -> bool:
        """Whether these fixed values leave nothing to search."""
        if self.chooser and self.chooser not in fixed:
            return False
        return self.kinds[self.kind_of(fixed)].keys() <= fixed.keys()

    def first_trials(self, fixed: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The starts that agree with the fixed values, without these."""
        agreeing = [
            start
            for start in self.starts
            if not self.chooser or fixed.get(self.chooser, start[self.chooser]) == start[self.chooser]
        ]
        return [{name: value for name, value in start.items() if name not in fixed} for start in agreeing]

    def choose(self, trial: "optuna.Trial", fixed: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters of one trial: the fixed ones as they are, and the others from Optuna."""
        chosen: dict[str, Any] = {}
        if self.chooser:
            chosen[self.chooser] = (
                fixed[self.chooser]
                if self.chooser in fixed
                else trial.suggest_categorical(self.chooser, list(self.kinds))
            )
        for name, span in self.kinds[self.kind_of(chosen)].items():
            chosen[name] = fixed[name] if name in fixed else span.suggest(trial, name)
        return chosen
