from pathlib import Path

import numpy as np
import pytest

from .area import CROSSLINES, INLINES, NAMES


@pytest.fixture(scope="module")
def traces():
    """240 traces of 64 samples, for an area of 12 x 20."""
    rng = np.random.default_rng(1)
    waves = np.sin(np.arange(64) * rng.uniform(0.2, 1.2, (240, 1)))
    return ((waves + 0.2 * rng.standard_normal((240, 64))) * 1000).astype(np.float32)


@pytest.fixture
def survey(tmp_path, write_segy, traces):
    """Writes the area and its labels, with the given oddities."""

    def write(**odd) -> Path:
        write_segy(tmp_path / "a.sgy", traces, **{"inlines": INLINES, "crosslines": CROSSLINES, **odd})
        rows = zip(INLINES, CROSSLINES, NAMES, strict=True)
        lines = [f"{inline},{crossline},{name}" for inline, crossline, name in rows]
        (tmp_path / "labels.csv").write_text("\n".join(["inline,crossline,label", *lines]) + "\n")
        return tmp_path

    return write
