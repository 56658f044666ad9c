"""The code that a trainer's models consist of, and need when they are loaded."""

from dataclasses import dataclass
from pathlib import Path

# skops knows most types of scikit-learn as harmless. It does not know these. They hold numbers, and
# their loading runs no code that a file could choose. The two kinds of trees follow their indices unchecked,
# so a forged tree could end the process when it predicts. Its hash is another one, so it never predicts.
HARMLESS = frozenset(
    {
        "sklearn._loss.loss.HalfTweedieLoss",
        "sklearn._loss.loss.HalfTweedieLossIdentity",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
    }
)
KIT = Path(__file__).parents[1]


@dataclass(frozen=True)
class ModelCode:
    """What a trainer says about its models.

    Parameters
    ----------
    package : the folder of the trainer's package. The lock is beside it.
    types : the full names of the package's own classes in a model. Nothing else of the package is loaded.
    requirements : the packages that a model needs when it is loaded, all of them in the lock.
    """

    package: Path
    types: frozenset[str]
    requirements: tuple[str, ...]

    @property
    def trusted(self) -> frozenset[str]:
        """The types that may be loaded, beyond those that skops knows as harmless."""
        return HARMLESS | self.types

    @property
    def paths(self) -> list[Path]:
        """The folders of code that a model brings for programs outside of the platform."""
        return [self.package, KIT]

    @property
    def lock(self) -> Path:
        """The file that pins the packages of the image."""
        return self.package.parent / "requirements.txt"
