"""Numbers of seven digits as text."""

import numpy as np


def short(value: np.float32) -> float:
    """The double with the fewest digits that rounds to this float32."""
    brief = float(str(value))
    return brief if np.float32(brief) == value else float(value)
