"""The kit's description of the training data, under this room's name."""

from kit.drift.reference import DRIFT_REFERENCE, Reference

__all__ = ["DRIFT_REFERENCE", "Reference"]
