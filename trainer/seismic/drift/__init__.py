"""Describes the training data, and measures how far other data are from it."""
