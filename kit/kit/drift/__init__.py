"""Drift: how far the features of recent rows are from those of the training data, by name."""
