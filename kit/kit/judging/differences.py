"""The differences between two classifiers, or two regressors, with their errors. See `bootstrap`."""

from collections.abc import Mapping

import numpy as np

from kit.judging.bootstrap import (
    DRAWS,
    FEWER_DRAWS,
    FEWEST_DRAWS,
    MOST_BLOCKS,
    Curves,
    differences,
    joined,
)
from kit.judging.classification import BINS, bins_of
from kit.judging.comparison import Difference
from kit.judging.names import FAMILIES, ROC_AUC
from kit.judging.regression import has_no_zero

# Sums of blocks that are kept, for any number of classes: 64 MB.
MOST_SUMS = 8_000_000
# Probabilities that ROC-AUC may take in all draws together: a second. Larger hold-outs get no interval of it.
MOST_SORTED = 40_000_000
# A probability of 0 would make the log loss infinite. scikit-learn uses this number too.
LEAST = np.finfo(np.float64).eps


def aligned(probabilities: np.ndarray, own: tuple[str, ...], classes: tuple[str, ...]) -> np.ndarray:
    """Probabilities (n, len(own)) with the columns of `classes`. An unknown class has the probability 0."""
    out = np.zeros((len(probabilities), len(classes)))
    for column, name in enumerate(own):
        if name in classes:
            out[:, classes.index(name)] = probabilities[:, column]
    return out


def of_classifiers(
    labels: np.ndarray,
    candidate: np.ndarray,
    champion: np.ndarray,
    classes: tuple[str, ...],
    blocks: np.ndarray | None,
    seed: int,
) -> dict[str, Difference]:
    """The differences of all figures of `classification.Scores`, by the names that the gate knows.

    A figure without an interval is left out, such as recall of a class that is in one block only. The classes
    of the hold-out are judged.

    Parameters
    ----------
    labels : (n,) array of str
    candidate, champion : (n, len(classes)) arrays of probabilities, see `aligned`.
    blocks : (n,) array, the block of each held-out row. None: each row is a block.

    Raises
    ------
    ValueError
        if the shapes do not fit.
    """
    for what, given in (("candidate", candidate), ("champion", champion)):
        if given.shape != (len(labels), len(classes)):
            raise ValueError(
                f"the {what} has probabilities of shape {given.shape}; expected {(len(labels), len(classes))}"
            )
    if unknown := sorted(set(np.unique(labels).tolist()) - set(classes)):
        raise ValueError(f"the hold-out has classes without a column: {', '.join(unknown)}")
    judged = tuple(name for name in classes if (labels == name).any())
    most = max(2, min(MOST_BLOCKS, MOST_SUMS // (6 * len(classes))))
    block = joined(blocks, len(labels), most)
    count = int(block.max()) + 1
    ours, theirs = (_sums_of_classes(labels, each, classes, judged, block) for each in (candidate, champion))
    informed = {
        f"{family}.{name}": int((ours["support"][:, column] > 0).sum())
        for column, name in enumerate(judged)
        for family in FAMILIES
    }
    found = differences(
        lambda weight: _figures_of_classes(ours, weight, judged),
        lambda weight: _figures_of_classes(theirs, weight, judged),
        count, seed, DRAWS, informed,
    )  # fmt: skip
    draws = min(FEWER_DRAWS, MOST_SORTED // (2 * len(labels) * max(1, len(judged))))
    if draws < FEWEST_DRAWS:
        return found
    return found | differences(
        _areas(labels, candidate, classes, judged, block),
        _areas(labels, champion, classes, judged, block),
        count, seed, draws, informed,
    )  # fmt: skip


def of_regressors(
    true: np.ndarray, candidate: np.ndarray, champion: np.ndarray, blocks: np.ndarray | None, seed: int
) -> dict[str, Difference]:
    """The differences of all figures of `regression.Scores`, by the names that the gate knows.

    Parameters
    ----------
    true, candidate, champion : (n,) arrays of finite numbers.
    blocks : (n,) array, the block of each held-out row. None: each row is a block.

    Raises
    ------
    ValueError
        if the shapes do not fit.
    """
    for what, given in (("candidate", candidate), ("champion", champion)):
        if given.shape != true.shape:
            raise ValueError(f"the {what} has values of shape {given.shape}; expected {true.shape}")
    block = joined(blocks, len(true))
    relative = has_no_zero(true)
    # Far from 0, squares of the targets themselves would lose all digits of their spread.
    centred = true - true.mean()

    def curves(predicted: np.ndarray) -> Curves:
        error = predicted - true
        columns = [np.ones(len(true)), error, np.abs(error), error**2, centred, centred**2]
        if relative:
            columns.append(np.abs(error / true))
        sums = np.column_stack([np.bincount(block, column) for column in columns])
        return lambda weight: _figures_of_values((weight @ sums).T)

    return differences(curves(candidate), curves(champion), int(block.max()) + 1, seed)


def _figures_of_values(totals: np.ndarray) -> dict[str, np.ndarray]:
    rows, error, absolute, squared, target, target_squared, *relative = totals
    spread = target_squared - target**2 / rows
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "rmse": np.sqrt(squared / rows),
            "mae": absolute / rows,
            "bias": error / rows,
            "r2": np.where(spread > 0, 1 - squared / spread, np.nan),
            **({"mape": relative[0] / rows} if relative else {}),
        }


def _sums_of_classes(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: tuple[str, ...],
    judged: tuple[str, ...],
    block: np.ndarray,
) -> dict[str, np.ndarray]:
    """Sums over the rows of each block, (blocks, k)."""
    count = int(block.max()) + 1
    place = {name: number for number, name in enumerate(judged)}
    code = np.array([place[name] for name in labels.tolist()])
    column = np.array([classes.index(name) for name in judged])[code]
    # A prediction of a class that is not judged has the last column, which is cut off.
    judged_as = np.array([place.get(name, len(judged)) for name in classes])[probabilities.argmax(axis=1)]
    right, sure = judged_as == code, probabilities.max(axis=1)
    own = probabilities[np.arange(len(labels)), column]
    squares = ((probabilities**2).sum(axis=1) - 2 * own + 1) / 2

    def counted(codes: np.ndarray, width: int, weight: np.ndarray | None = None) -> np.ndarray:
        found = np.bincount(block * width + codes, weight, count * width).reshape(count, width)
        return found.astype(np.float64)

    width = len(judged) + 1
    return {
        "support": counted(code, width)[:, :-1],
        "predicted": counted(judged_as, width)[:, :-1],
        "found": counted(code, width, right)[:, :-1],
        "gaps": counted(bins_of(sure), BINS, right - sure),
        "losses": np.column_stack(
            [np.bincount(block, each) for each in (-np.log(np.maximum(own, LEAST)), squares)]
        ),
    }


def _figures_of_classes(
    sums: Mapping[str, np.ndarray], weight: np.ndarray, judged: tuple[str, ...]
) -> dict[str, np.ndarray]:
    total = {name: weight @ values for name, values in sums.items()}
    support, predicted, found = total["support"], total["predicted"], total["found"]
    rows = support.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # A draw without a class tells nothing about the class.
        recall = found / support
        precision = np.where(support > 0, found / np.maximum(predicted, 1), np.nan)
        f1 = np.where(support > 0, 2 * found / (support + predicted), np.nan)
    single = {"precision": precision, "recall": recall, "f1": f1}
    return {
        "macroF1": np.nanmean(f1, axis=1),
        "weightedF1": np.nansum(f1 * support, axis=1) / rows,
        "accuracy": found.sum(axis=1) / rows,
        "logLoss": total["losses"][:, 0] / rows,
        "calibrationError": np.abs(total["gaps"]).sum(axis=1) / rows,
        "brier": total["losses"][:, 1] / rows,
        **{
            f"{name}.{each}": values[:, at]
            for name, values in single.items()
            for at, each in enumerate(judged)
        },
    }


def _areas(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: tuple[str, ...],
    judged: tuple[str, ...],
    block: np.ndarray,
) -> Curves:
    """ROC-AUC of each class, and their mean, from weights of blocks."""
    sorted_once = {name: _sorted(labels == name, probabilities[:, classes.index(name)]) for name in judged}

    def areas(weight: np.ndarray) -> dict[str, np.ndarray]:
        rows = weight[:, block]
        single = {name: _area(rows, *each) for name, each in sorted_once.items()}
        return {
            **{f"{ROC_AUC}.{name}": area for name, area in single.items()},
            ROC_AUC: np.mean(list(single.values()), axis=0),
        }

    return areas


def _sorted(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, ...]:
    """The order of the scores, the truth in this order, and for each true row the ends of its equals."""
    order = np.argsort(scores, kind="stable")
    scores, truth = scores[order], truth[order]
    own = scores[truth]
    return order, truth, np.searchsorted(scores, own, "left"), np.searchsorted(scores, own, "right")


def _area(
    weight: np.ndarray, order: np.ndarray, truth: np.ndarray, first: np.ndarray, last: np.ndarray
) -> np.ndarray:
    """The share of pairs (a row of the class, another row) in the right order, for each draw.

    scikit-learn would sort the scores anew for each draw.
    """
    ordered = weight[:, order]
    others = np.zeros((len(weight), order.size + 1))
    np.cumsum(ordered * ~truth, axis=1, out=others[:, 1:])
    own = ordered[:, truth]
    right = (own * (others[:, first] + others[:, last])).sum(axis=1) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return right / (own.sum(axis=1) * others[:, -1])
