"""Drift: sketches of the training data's features, and the features of recent rows."""
