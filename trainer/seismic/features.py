"""The module name of this trainer's features in each registered model and in its hash. It must never change.

The code is in `seismic.learning.features`.
"""

from seismic.learning.features import TraceFeatures

__all__ = ["TraceFeatures"]
