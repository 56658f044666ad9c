"""The error of the difference between two models on one hold-out, by a bootstrap of whole blocks.

Blocks of the held-out rows are drawn with replacement, the same ones for both models, and both are judged on
each draw. Neighbouring rows depend on each other, so single rows would make the error look too small. Figures
that come from sums over rows are computed from sums over blocks, which makes 1,000 draws cheap.

The interval is the expanded percentile interval (Hesterberg, What Teachers Should Know About the Bootstrap,
2015): few blocks vary less among themselves than new blocks would, so they get a wider interval.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.special import ndtr, stdtrit

from kit.judging.comparison import CONFIDENCE, Difference

DRAWS = 1000
# Draws of figures that come from no sums, and the fewest draws that give an interval.
FEWER_DRAWS, FEWEST_DRAWS = 200, 100
# Neighbouring blocks are joined beyond this number. The error of a mean does not depend on it.
MOST_BLOCKS = 5000
# Draws whose weights are in memory at once.
AT_ONCE = 50

# From the weights of blocks, (draws, blocks) float64, to figures (draws,). NaN: a draw has no such figure.
type Curves = Callable[[np.ndarray], Mapping[str, np.ndarray]]


def joined(blocks: np.ndarray | None, rows: int, most: int = MOST_BLOCKS) -> np.ndarray:
    """The number of each row's block, from 0 without gaps, of at most `most` blocks.

    Parameters
    ----------
    blocks : (rows,) array of any numbers or texts. None: each row is a block.
    """
    if blocks is not None and np.shape(blocks) != (rows,):
        raise ValueError(f"the blocks have the shape {np.shape(blocks)}; expected one a row, for {rows} rows")
    numbers = np.arange(rows) if blocks is None else np.unique(blocks, return_inverse=True)[1]
    count = int(numbers.max()) + 1 if rows else 0
    return numbers if count <= most else numbers * most // count


def weights(blocks: int, draws: int, seed: int) -> np.ndarray:
    """How often each block is drawn: (draws, blocks) of whole numbers whose rows have the sum `blocks`."""
    generator = np.random.default_rng(seed)
    drawn = generator.integers(0, blocks, (draws, blocks))
    drawn += np.arange(draws)[:, None] * blocks
    return np.bincount(drawn.ravel(), minlength=draws * blocks).reshape(draws, blocks)


def differences(
    candidate: Curves,
    champion: Curves,
    blocks: int,
    seed: int,
    draws: int = DRAWS,
    informed: Mapping[str, int] | None = None,
) -> dict[str, Difference]:
    """The differences of figures that can be computed with weights. Figures without an interval are left out.

    Parameters
    ----------
    candidate, champion : the figures of both models, by name. Only figures of both have a difference.
    informed : the number of blocks that say anything about a figure, where these are not all blocks.
    """
    if blocks < 2:
        return {}
    whole = _minus(candidate, champion, np.ones((1, blocks)))
    every = weights(blocks, draws, seed)
    parts = [
        _minus(candidate, champion, every[start : start + AT_ONCE].astype(np.float64))
        for start in range(0, draws, AT_ONCE)
    ]
    found = {}
    for name, (by,) in whole.items():
        values = np.concatenate([part[name] for part in parts])
        told = _interval(float(by), values, (informed or {}).get(name, blocks))
        if told is not None:
            found[name] = told
    return found


def of_rows(
    candidate: Callable[[np.ndarray], Mapping[str, float]],
    champion: Callable[[np.ndarray], Mapping[str, float]],
    blocks: np.ndarray | None,
    rows: int,
    seed: int,
    draws: int = FEWER_DRAWS,
) -> dict[str, Difference]:
    """The differences of any figures of a trainer's own, computed anew for each draw.

    Parameters
    ----------
    candidate, champion : from the numbers of held-out rows, some of them repeated, to figures by name. The
        names must always be the same ones. NaN: a draw has no such figure.
    blocks : (rows,) array, the block of each held-out row. None: each row is a block.
    """
    block = joined(blocks, rows)
    numbers = np.arange(rows)

    def curves(figures: Callable[[np.ndarray], Mapping[str, float]]) -> Curves:
        def each(weight: np.ndarray) -> dict[str, np.ndarray]:
            told = [figures(np.repeat(numbers, one[block].astype(int))) for one in weight]
            return {name: np.array([one[name] for one in told]) for name in told[0]}

        return each

    return differences(curves(candidate), curves(champion), int(block.max()) + 1, seed, draws)


def expanded_tail(blocks: int) -> float:
    """The share of draws beyond each end of the interval: 5 % for many blocks, and less for few."""
    quantile = stdtrit(blocks - 1, (1 - CONFIDENCE) / 2) * np.sqrt(blocks / (blocks - 1))
    return float(ndtr(quantile))


def _minus(candidate: Curves, champion: Curves, weight: np.ndarray) -> dict[str, np.ndarray]:
    ours, theirs = candidate(weight), champion(weight)
    return {name: ours[name] - theirs[name] for name in ours if name in theirs}


def _interval(by: float, drawn: np.ndarray, blocks: int) -> Difference | None:
    drawn = drawn[np.isfinite(drawn)]
    if blocks < 2 or drawn.size < FEWEST_DRAWS or not np.isfinite(by):
        return None
    tail = expanded_tail(blocks)
    low, high = np.quantile(drawn, (tail, 1 - tail))
    return Difference(by, float(min(low, by)), float(max(high, by)), blocks)
