"""The name of this trainer's features in each registered model, and in the hash of each: it never changes.

The code is in `seismic.learning.features`.
"""

from seismic.learning.features import TraceFeatures

__all__ = ["TraceFeatures"]
