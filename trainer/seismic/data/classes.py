"""The classes a trace is sorted into; the order is the order of the model's outputs."""

CLASSES = ("normal", "anomaly", "boundary")
