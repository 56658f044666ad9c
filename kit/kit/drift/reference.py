"""Drift: the distance between the predicted rows and the training rows, feature by feature.

A run stores a sketch of each named feature of its training rows. Serving compares its requests with it.
docs/serving.md explains the choice of the score, and gives the evidence.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kit.drift.sketch import Sketch, ascends, expect, numbers, read_sketch, sketch_of

DRIFT_REFERENCE = "drift_reference.json"
VERSION = 1
# Sizes of windows of neighbouring training rows. The PSI of these windows is stored.
LOCAL_ROWS = (128, 256, 512, 1024, 2048)
# A window of more than a quarter of the data differs from it less than a window of the next data would.
LOCAL_SHARE = 4
# Held-out rows differ more than any training row. This is the allowed factor.
LOCAL_MARGIN = 1.5
# The newest rows of a window are also judged alone, because the whole window dilutes new drift.
NEWEST = 512
# The score is the mean of the most moved features. Noise moves few features, and chance may move one.
MOST_MOVED = 4
# Features of these names are the ends of a row's own values.
ENDS = ("minimum", "maximum")
KEYS = {"version", "traces", "largest_amplitude", "local_rows", "features"}


@dataclass(frozen=True)
class Drift:
    """The result of a comparison: `psi` and `ks` (n_features,), in the reference's order, and the `score`."""

    psi: np.ndarray
    ks: np.ndarray
    score: float


@dataclass(frozen=True)
class Reference:
    """Sketches of the features of the training rows, by name.

    Attributes
    ----------
    traces : the number of training rows.
    largest_amplitude : the largest absolute value of a row, by its features ENDS; 0 if the rows lack them.
    """

    sketches: dict[str, Sketch]
    traces: int
    largest_amplitude: float
    local_rows: tuple[int, ...]

    @classmethod
    def of(cls, features: np.ndarray, names: Sequence[str]) -> "Reference":
        """Sketch features (n, n_features), n > 0, of rows in the order of the data.

        Neighbours resemble each other, so a window of them differs from the data without any drift. The
        largest such difference is stored with each feature.

        Raises
        ------
        ValueError
            for values that are not finite.
        """
        if not np.isfinite(features).all():
            raise ValueError("features of training rows are not finite")
        names = [str(name) for name in names]
        ends = features[:, [names.index(end) for end in ENDS if end in names]]
        rows = tuple(size for size in LOCAL_ROWS if size * LOCAL_SHARE <= len(features)) or LOCAL_ROWS[:1]
        sketches = {name: sketch_of(column, rows) for name, column in zip(names, features.T, strict=True)}
        return cls(sketches, len(features), float(np.abs(ends).max(initial=0)), rows)

    def compare(self, window: np.ndarray, pause: Callable[[], None] = lambda: None) -> Drift:
        """Compare features (n, n_features), n > 0, oldest first. `pause` is called after each feature.

        PSI and KS are the higher values of the whole window and of its newest rows. The score is the mean,
        over the most moved features, of the PSI beyond the PSI that neighbouring training rows allow.
        """
        parts = [len(window), NEWEST] if len(window) > NEWEST else [len(window)]
        found = np.empty((len(parts), 2, len(self.sketches)))
        beyond = np.empty((len(parts), len(self.sketches)))
        sizes = np.log(self.local_rows)
        for number, sketch in enumerate(self.sketches.values()):
            places = sketch.places(window[:, number])
            for part, rows in enumerate(parts):
                psi, ks = sketch.compare(places[-rows:])
                found[part, :, number] = psi, ks
                allowed = LOCAL_MARGIN * np.interp(math.log(rows), sizes, sketch.local)
                beyond[part, number] = max(psi - allowed, 0)
            pause()
        psi, ks = found.max(axis=0)
        score = np.sort(beyond, axis=1)[:, -MOST_MOVED:].mean(axis=1).max()
        return Drift(psi, ks, float(score))

    def to_json(self) -> str:
        """The text of the run's artifact. The same features give the same text."""
        features = {
            name: {
                "values": sketch.values.tolist(),
                "up_to": sketch.up_to.tolist(),
                "local": sketch.local.tolist(),
            }
            for name, sketch in self.sketches.items()
        }
        content = {
            "version": VERSION,
            "traces": self.traces,
            "largest_amplitude": self.largest_amplitude,
            "local_rows": self.local_rows,
            "features": features,
        }
        return json.dumps(content, allow_nan=False, separators=(",", ":")) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> "Reference":
        """Read the text of `to_json`.

        Raises
        ------
        ValueError
            with the problem. A text that is almost right is refused too.
        """
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("version") != VERSION:
            found = content.get("version") if isinstance(content, dict) else content
            raise ValueError(f"version: got {str(found)[:40]}; expected {VERSION}")
        if content.keys() != KEYS:
            raise ValueError(f"got {', '.join(sorted(content))}; expected {', '.join(sorted(KEYS))}")
        traces, features = content["traces"], content["features"]
        expect(type(traces) is int and traces > 0, "traces", "a whole number above 0")
        largest = numbers([content["largest_amplitude"]], "largest_amplitude")[0]
        expect(largest >= 0, "largest_amplitude", "a number from 0")
        rows = numbers(content["local_rows"], "local_rows")
        expect(rows.size > 0 and rows[0] > 0 and ascends(rows), "local_rows", "ascending sizes")
        expect(isinstance(features, dict) and len(features) > 0, "features", "an object of features")
        sketches = {name: read_sketch(name, given, traces, len(rows)) for name, given in features.items()}
        return cls(sketches, traces, float(largest), tuple(rows.astype(int).tolist()))
