"""What a trainer knows of learning: its data, its features, its models, and its rows in JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from kit.learning.fitting import Named, Steps
from kit.learning.space import Space
from kit.learning.splits import Split
from kit.training.task import Task

if TYPE_CHECKING:
    from kit.training.trained import Trained


class Data(Protocol):
    """The data of one run. Its rows have the numbers 0, 1, ...

    Attributes
    ----------
    sha256 : 64 hexadecimal digits, the hash of the data's bytes.
    facts : what the run records as parameters of its data, such as {"rows": 5000, "columns": 13}.
    quality : the content of quality.json. Its `verdict` is a word, such as "pass".
    """

    @property
    def sha256(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def quality(self) -> Mapping[str, Any]: ...

    def rows(self, where: np.ndarray) -> np.ndarray:
        """The rows with these numbers, float32 (len(where), n_values), as a request would give them."""

    def targets(self, where: np.ndarray) -> np.ndarray:
        """What these rows are, (len(where),): names of classes as str, or values as float64."""

    def described(self) -> list[str]:
        """The lines of a run's description about its data, in Markdown."""

    def doubts(self) -> list[str]:
        """Sentences about what is no error in the data, but may be unintended."""


@dataclass(frozen=True)
class Features:
    """The features of rows, and the fitted steps that make them.

    Parameters
    ----------
    steps : named transformers. They are fitted, and turn raw rows into `matrix`.
    matrix : (n, n_features) float64.
    names : of the features.
    """

    steps: Named
    matrix: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True)
class RowFormat:
    """How a row stands in the JSON of requests.

    Parameters
    ----------
    field : its field in the body of /predict.
    fields : the field of a list of rows, in the body of /batch_predict.
    to_json : the JSON value of a row (n_values,), for a pipeline.
    from_json : the rows (n, n_values) float32 of n JSON values, for a pipeline. It is a function of a module,
        because another process calls it by its name.
    """

    field: str
    fields: str
    to_json: Callable[[Any, np.ndarray], Any]
    from_json: Callable[[Any, list[Any]], np.ndarray]


def no_plots(trained: "Trained", data: Any, folder: Path) -> None:
    """Nothing beyond the plots that any run has."""


def no_columns(data: Any) -> tuple[str, ...]:
    """The values of a row have no names: they are told apart by their order."""
    return ()


@dataclass(frozen=True)
class Learner:
    """What a trainer knows of learning.

    Parameters
    ----------
    task : classification or regression.
    read : reads and checks all of the data. Raises DataError.
    split : chooses the rows to learn from and to hold out. Raises DataError.
    features : computes the features of rows, with the data, the split, the ascending numbers of the rows, and
        the number of threads. Held-out rows must not influence the steps.
    space : the parameters that the search varies.
    steps : makes the steps that learn from the features, last a classifier or a regressor.
    rows : a row in JSON.
    title, purpose : of the model, in a few words and in a sentence, for its card.
    word : what people call a row, such as "trace".
    colours : of classes, by name; the others get different ones.
    figures : the trainer's own figures of a candidate, by their names for the gate and the result line. The
        champion has no such figure.
    slices : the name of the slice that each of these rows is in, (n,) of str, for figures of each slice.
        It is empty for a row of none. Names have no dot.
    plots : draws the trainer's own plots into a folder.
    columns : the names of the values of a row of the data, if they have names. A champion that knows other
        names (`feature_names_in_`) cannot be compared; it gets its own order.
    """

    task: Task
    read: Callable[[], Any]
    split: Callable[[Any], Split]
    features: Callable[[Any, Split, np.ndarray, int], Features]
    space: Space
    steps: Steps
    rows: RowFormat
    title: str = ""
    purpose: str = ""
    word: str = "row"
    colours: Mapping[str, str] = field(default_factory=dict)
    figures: "Mapping[str, Callable[[Trained, Any], float]]" = field(default_factory=dict)
    slices: Callable[[Any, np.ndarray], np.ndarray] | None = None
    plots: "Callable[[Trained, Any, Path], None]" = no_plots
    columns: Callable[[Any], tuple[str, ...]] = no_columns

    @property
    def words(self) -> str:
        """What people call several rows."""
        return f"{self.word}s"
