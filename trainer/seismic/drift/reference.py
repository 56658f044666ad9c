"""Drift: how far the traces that are classified lie from those that the model was trained on.

The trainer keeps a sketch of each feature of its training traces, and serving compares with it what it is
asked. docs/serving.md says how the score was chosen, and with which evidence.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from seismic.drift.sketch import Sketch, ascends, expect, numbers, read_sketch, sketch_of

DRIFT_REFERENCE = "drift_reference.json"
VERSION = 1
# Sizes of the windows of neighbouring training traces whose own PSI is kept.
LOCAL_ROWS = (128, 256, 512, 1024, 2048)
# Windows of more than a quarter of the survey differ from it less than those of the next one would.
LOCAL_SHARE = 4
# Lines that were held out differ by more than any that were trained on: how much more is allowed.
LOCAL_MARGIN = 1.5
# The newest traces of a window are judged alone, too: drift that began just now is diluted in the whole.
NEWEST = 512
# The score is the mean over the features that moved most: noise moves few, and one may move by chance.
MOST_MOVED = 4
KEYS = {"version", "traces", "largest_amplitude", "local_rows", "features"}


@dataclass(frozen=True)
class Drift:
    """What a comparison found: `psi` and `ks` (n_features,), in the reference's order, and the `score`."""

    psi: np.ndarray
    ks: np.ndarray
    score: float


@dataclass(frozen=True)
class Reference:
    """Sketches of the features of the training traces, by name, and their largest absolute amplitude."""

    sketches: dict[str, Sketch]
    traces: int
    largest_amplitude: float
    local_rows: tuple[int, ...]

    @classmethod
    def of(cls, features: np.ndarray, names: Sequence[str]) -> "Reference":
        """Sketch features (n, n_features), n > 0, of traces in the order of the survey.

        Neighbours resemble each other, so a window of them differs from the survey without any drift: by
        how much at most is kept with each feature.

        Raises
        ------
        ValueError
            for values that are not finite, or other names than those of seismic.learning.features.
        """
        if not np.isfinite(features).all():
            raise ValueError("features of training traces are not finite")
        names = [str(name) for name in names]
        ends = features[:, [names.index("minimum"), names.index("maximum")]]
        rows = tuple(size for size in LOCAL_ROWS if size * LOCAL_SHARE <= len(features)) or LOCAL_ROWS[:1]
        sketches = {name: sketch_of(column, rows) for name, column in zip(names, features.T, strict=True)}
        return cls(sketches, len(features), float(np.abs(ends).max()), rows)

    def compare(self, window: np.ndarray, pause: Callable[[], None] = lambda: None) -> Drift:
        """Compare features (n, n_features), n > 0, oldest first; `pause` is called after each feature.

        PSI and KS are the higher ones of the whole window and of its newest traces. The score is the mean,
        over the features that moved most, of the PSI beyond what neighbouring training traces allow.
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
        """As the run's artifact has it: the same text for the same features."""
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
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            saying what is wrong; nothing is taken as nearly right.
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
