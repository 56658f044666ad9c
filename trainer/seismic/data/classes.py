"""The classes of a trace, in the order of the model's outputs."""

CLASSES = ("normal", "anomaly", "boundary")
